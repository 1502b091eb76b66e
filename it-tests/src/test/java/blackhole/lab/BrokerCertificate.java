package blackhole.lab;

import blackhole.support.Jdk;
import blackhole.support.Tools;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * A certificate for a broker on 127.0.0.1, made by the JDK's keytool.
 *
 * @param keystore what the broker has
 * @param truststore the certificate alone, as PEM, which clients of kafka-clients 2.7 and later read
 */
record BrokerCertificate(Path keystore, Path truststore) {

    static final String PASSWORD = "changeit";

    static BrokerCertificate in(Path directory) {
        BrokerCertificate certificate =
                new BrokerCertificate(directory.resolve("broker.p12"), directory.resolve("broker.pem"));
        String store = certificate.keystore.toString();
        keytool(
                "-genkeypair -alias broker -keyalg EC -groupname secp256r1 -validity 2 -dname CN=127.0.0.1"
                        + " -ext san=ip:127.0.0.1 -storetype PKCS12 -keystore",
                store);
        keytool("-exportcert -rfc -alias broker -file " + certificate.truststore + " -keystore", store);
        return certificate;
    }

    private static void keytool(String arguments, String keystore) {
        String keytool = Jdk.own().home().resolve("bin/keytool").toString();
        Tools.run(Stream.of(
                        Stream.of(keytool),
                        Stream.of(arguments.split(" ")),
                        Stream.of(keystore, "-storepass", PASSWORD))
                .flatMap(words -> words)
                .toArray(String[]::new));
    }
}
