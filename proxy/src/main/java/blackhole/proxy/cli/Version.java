package blackhole.proxy.cli;

import picocli.CommandLine.IVersionProvider;

final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Version.class.getPackage().getImplementationVersion();
        return new String[] {"blackhole-proxy " + (version == null ? "(not packaged)" : version)};
    }
}
