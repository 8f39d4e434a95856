package io.storeit.server;

import io.storeit.interchange.sqlite.ServerPaths;
import io.storeit.server.problem.Problem;
import io.storeit.server.user.AdminSeed;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The settings of the server. Each is an environment variable. An empty variable counts as not set, and a number that cannot be
 * read is refused.
 *
 * @param databaseUrl     {@code DATABASE_URL}, as the log shows it; {@code sqlite:<data directory>/storeit/storeit.db}
 * @param paths           the database file and the image folder: {@code DATABASE_URL}; {@code STOREIT_IMAGE_PATH}, else the
 *                        setting {@code image_storage_path} in the database, else {@code <data directory>/storeit/images}
 * @param bind            {@code STOREIT_BIND}, where it listens; {@code 0.0.0.0:8080}
 * @param sessionLifetime {@code STOREIT_SESSION_TTL_HOURS}; 24 hours
 * @param admin           {@code STOREIT_ADMIN_USERNAME}, {@code _PASSWORD}, {@code _EMAIL}, {@code _DISPLAY_NAME}: the first
 *                        administrator, {@code admin} with a random password, {@code admin@localhost}, {@code Administrator};
 *                        used only while there is none
 * @param restoreLimit    {@code STOREIT_RESTORE_LIMIT_MIB}, the largest archive that can be uploaded, here in bytes; 65536 MiB
 * @param webRoot         {@code STOREIT_WEB_ROOT}, the folder of a built web interface; none
 * @param workers         {@code STOREIT_WORKERS}, how many requests that read run at the same time; 4
 * @param stallTimeout    {@code STOREIT_PATIENCE_SECONDS}, how long a client may keep a connection without sending or receiving;
 *                        60 seconds
 */
public record Config(
        String databaseUrl,
        ServerPaths paths,
        InetSocketAddress bind,
        Duration sessionLifetime,
        AdminSeed admin,
        long restoreLimit,
        int workers,
        Optional<Path> webRoot,
        Duration stallTimeout) {

    private static final long BYTES_PER_MIB = 1024 * 1024;

    /**
     * Reads the settings and, read-only, the image folder in the database.
     *
     * @param environment   the variables of the process
     * @param workingFolder what relative paths are relative to
     */
    public static Config of(Map<String, String> environment, Path workingFolder) {
        var set = new Variables(environment);
        ServerPaths paths = ServerPaths.of(set.all(), workingFolder);
        return new Config(
                set.text("DATABASE_URL").orElse("sqlite:" + paths.database()),
                paths,
                set.address("STOREIT_BIND", "0.0.0.0:8080"),
                Duration.ofHours(set.number("STOREIT_SESSION_TTL_HOURS", 24, 1, 24 * 366 * 100)),
                new AdminSeed(
                        set.text("STOREIT_ADMIN_USERNAME").orElse("admin"),
                        set.text("STOREIT_ADMIN_PASSWORD"),
                        set.text("STOREIT_ADMIN_EMAIL").orElse("admin@localhost"),
                        set.text("STOREIT_ADMIN_DISPLAY_NAME").orElse("Administrator")),
                set.number("STOREIT_RESTORE_LIMIT_MIB", 65_536, 1, 1 << 30) * BYTES_PER_MIB,
                (int) set.number("STOREIT_WORKERS", 4, 1, 256),
                set.text("STOREIT_WEB_ROOT").map(workingFolder::resolve),
                Duration.ofSeconds(set.number("STOREIT_PATIENCE_SECONDS", 60, 1, 24 * 3600)));
    }

    /** Refuses variables that only {@code serve} cannot support. The other commands need only files and ignore them. */
    static void refuseUnsupported(Map<String, String> environment) {
        if (new Variables(environment).text("STOREIT_AUTH_ISSUER").isPresent()) {
            throw Problem.refused(
                    "STOREIT_AUTH_ISSUER is set, but this version does not support logins with OpenID Connect",
                    "Keep the version you have, or unset STOREIT_AUTH_ISSUER to use local user names and passwords.");
        }
    }

    /** Returns the image folder, which a restore may have changed since. */
    Path imageFolder() {
        return paths.imageFolder();
    }

    /** Returns whether the environment decides the image folder, so that nothing else may. */
    public boolean imageFolderFixed() {
        return paths.imageFolderSource().equals(ServerPaths.FROM_VARIABLE);
    }

    private record Variables(Map<String, String> all) {

        private Variables {
            var set = new HashMap<>(all);
            set.values().removeIf(String::isEmpty);
            all = Map.copyOf(set);
        }

        private Optional<String> text(String name) {
            return Optional.ofNullable(all.get(name));
        }

        private long number(String name, long otherwise, long least, long most) {
            Optional<String> text = text(name);
            if (text.isEmpty()) {
                return otherwise;
            }
            try {
                long number = Long.parseLong(text.get().strip());
                if (number >= least && number <= most) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // The message below reports it, together with the range.
            }
            throw Problem.usage(name + " is '" + text.get() + "', but must be a whole number from " + least + " to " + most,
                    "Correct the variable, or unset it for the default of " + otherwise + ".");
        }

        /** Reads an address such as {@code 127.0.0.1:8080}, {@code [::]:8080} or {@code name:8080}. Port 0 takes any free one. */
        private InetSocketAddress address(String name, String otherwise) {
            String text = text(name).orElse(otherwise).strip();
            int colon = text.lastIndexOf(':');
            String host = colon < 0 ? "" : text.substring(0, colon);
            if (host.startsWith("[") && host.endsWith("]")) {
                host = host.substring(1, host.length() - 1);
            } else if (host.contains(":")) {
                host = "";
            }
            try {
                int port = Integer.parseInt(text.substring(colon + 1));
                var address = host.isEmpty() ? null : new InetSocketAddress(host, port);
                if (address != null && !address.isUnresolved()) {
                    return address;
                }
            } catch (IllegalArgumentException e) {
                // It is not a number or not a port; the message below reports it.
            }
            throw Problem.usage("invalid socket address: " + name + " is '" + text + "'",
                    "Write an address and a port, such as 0.0.0.0:8080 or [::]:8080.");
        }
    }
}
