package io.storeit.ops.install;

import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Words;
import io.storeit.ops.host.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Chooses the Java that an installed server runs with. */
final class JavaForService {
    /** The system's Java by its lasting name, which stays when packages replace it by a newer one. */
    private static final Path SYSTEM = Path.of("/usr/bin/java");
    /** What a service with ProtectHome= and PrivateTmp= does not see. */
    private static final List<String> HIDDEN_FROM_SERVICES = List.of("/root/", "/home/", "/run/user/", "/tmp/", "/var/tmp/");
    private static final Pattern VERSION = Pattern.compile("version \"(\\d+)");
    private static final int OLDEST = 17;

    private JavaForService() {}

    /** @param named by the caller; null lets this method choose */
    static Path choose(boolean forUser, Path named) {
        return forUser ? forUser(named) : forEverybody(named);
    }

    private static Path forUser(Path named) {
        if (named != null) return named.toAbsolutePath();
        return isNewEnough(List.of(), SYSTEM) ? SYSTEM : own();
    }

    private static Path own() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    /** Finds a Java that a service of another user can run. It is tried as the user nobody, who has no more rights than that one. */
    private static Path forEverybody(Path named) {
        if (Programs.find("setpriv").isEmpty()) throw new OpsException(Exit.FAILED, "There is no program setpriv, which runs the server as its user", "Install util-linux.");
        Set<Path> candidates = named != null ? Set.of(named.toAbsolutePath()) : candidates();
        var asNobody = List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--");
        return candidates.stream().filter(Files::exists).filter(JavaForService::visibleToServices).filter(found -> isNewEnough(asNobody, found)).findFirst()
                .orElseThrow(() -> new OpsException(Exit.FAILED, "There is no Java 17 or newer that the server's user could run; looked at "
                        + Words.few(List.copyOf(candidates)), "The service runs as its own user and sees no home folders. Install a Java for everybody, "
                        + "on Debian: apt install default-jre-headless. Or name one with --java FILE."));
    }

    private static Set<Path> candidates() {
        var candidates = new LinkedHashSet<>(List.of(SYSTEM, own()));
        Programs.find("java").ifPresent(candidates::add);
        for (String folder : List.of("/usr/lib/jvm", "/opt")) {
            try (Stream<Path> homes = Files.list(Path.of(folder))) {
                homes.map(home -> home.resolve("bin/java")).sorted(Comparator.reverseOrder()).forEach(candidates::add);
            } catch (IOException noSuchFolder) {
                // then there is none in it
            }
        }
        return candidates;
    }

    static boolean hiddenFromServices(Path file) {
        return HIDDEN_FROM_SERVICES.stream().anyMatch(file::startsWith);
    }

    private static boolean visibleToServices(Path java) {
        try {
            return !hiddenFromServices(java) && !hiddenFromServices(java.toRealPath());
        } catch (IOException broken) {
            return false;
        }
    }

    private static boolean isNewEnough(List<String> prefix, Path java) {
        var command = new ArrayList<>(prefix);
        command.addAll(List.of(java.toString(), "-version"));
        var result = Programs.run(command.toArray(String[]::new));
        Matcher version = VERSION.matcher(result.output());
        return result.exit() == 0 && version.find() && Integer.parseInt(version.group(1)) >= OLDEST;
    }
}
