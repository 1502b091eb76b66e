package blackhole.agent;

import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What an executable fat jar does: the application and its libraries are in a class loader of their own, of which the
 * JVM's class path knows nothing.
 *
 * <p>With {@code -Dhostile=true} it fails where a class loader should say that it does not know.
 *
 * <p>Arguments: class path of the application, its main class, its arguments.
 */
final class FatJarLauncher extends URLClassLoader {

    private FatJarLauncher(URL[] urls) {
        super("fat jar", urls, FatJarLauncher.class.getClassLoader());
    }

    public static void main(String[] arguments) throws Exception {
        String[] places = arguments[0].split(java.io.File.pathSeparator);
        URL[] urls = new URL[places.length];
        for (int i = 0; i < places.length; i++) {
            urls[i] = Path.of(places[i]).toUri().toURL();
        }
        try (URLClassLoader loader = new FatJarLauncher(urls)) {
            Thread.currentThread().setContextClassLoader(loader);
            Method main = loader.loadClass(arguments[1]).getDeclaredMethod("main", String[].class);
            main.setAccessible(true);
            main.invoke(null, (Object) Arrays.copyOfRange(arguments, 2, arguments.length));
        }
    }

    @Override
    public URL getResource(String name) {
        if (Boolean.getBoolean("hostile") && name.equals("kafka/kafka-version.properties")) {
            throw new UnsupportedOperationException("no resources here");
        }
        return super.getResource(name);
    }
}
