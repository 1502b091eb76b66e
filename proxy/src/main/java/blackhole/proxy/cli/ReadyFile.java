package blackhole.proxy.cli;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.UsageException;
import blackhole.proxy.api.Json;
import blackhole.proxy.api.LiveResources.RouteView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file that exists while the proxy is ready, with its addresses, for scripts that let it choose the ports. */
final class ReadyFile {
    private final Path file;

    private record Content(@Nullable Endpoint admin, List<RouteView> routes) {}

    /**
     * Removes what a killed proxy left.
     *
     * @throws UsageException if that isn't possible
     */
    ReadyFile(Path file) {
        this.file = file;
        if (Files.isDirectory(file)) {
            throw new UsageException("ready-file", file + ": is a directory");
        }
        remove();
    }

    /**
     * Writes the file at once, so that a reader never sees a part of it.
     *
     * @throws UsageException if it can't be written
     */
    void write(@Nullable Endpoint admin, Middlebox proxy) {
        Path beside = file.resolveSibling(
                file.getFileName() + "." + ProcessHandle.current().pid());
        try {
            Files.write(beside, Json.bytes(new Content(admin, RouteView.all(proxy))));
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UsageException("ready-file", file + ": can't be written; check that its directory is writable");
        }
    }

    void remove() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UsageException("ready-file", file + ": can't be removed");
        }
    }
}
