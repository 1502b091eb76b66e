package blackhole.lab;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A certificate for a broker on 127.0.0.1, made by the JDK's keytool.
 *
 * @param keystore what the broker has
 * @param truststore the certificate alone, as PEM, which clients of kafka-clients 2.7 and later read
 */
record BrokerCertificate(Path keystore, Path truststore) {

    static final String PASSWORD = "changeit";

    static BrokerCertificate in(Path directory) throws IOException, InterruptedException {
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

    private static void keytool(String arguments, String keystore) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments.split(" ")));
        command.addAll(List.of(keystore, "-storepass", PASSWORD));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException("keytool failed: " + said);
        }
    }
}
