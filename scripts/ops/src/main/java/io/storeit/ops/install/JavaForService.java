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
    /** The path of the system's Java, which stays the same when packages replace it with a newer one. */
    private static final Path SYSTEM = Path.of("/usr/bin/java");
    /** The directories that a service with ProtectHome= and PrivateTmp= cannot see. */
    private static final List<String> HIDDEN_FROM_SERVICES = List.of("/root/", "/home/", "/run/user/", "/tmp/", "/var/tmp/");
    private static final Pattern VERSION = Pattern.compile("version \"(\\d+)");
    private static final int OLDEST = 17;

    private JavaForService() {}

    /** Returns the Java to use. @param named the one that the user has named; null lets this method choose */
    static Path choose(boolean forUser, Path named) {
        return forUser ? forUser(named) : forMachine(named);
    }

    private static Path forUser(Path named) {
        if (named != null) return named.toAbsolutePath();
        return isNewEnough(List.of(), SYSTEM) ? SYSTEM : own();
    }

    private static Path own() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    /** Finds a Java that a service of another user can run. It tries each as the user nobody, which has at most the rights of that user. */
    private static Path forMachine(Path named) {
        if (Programs.find("setpriv").isEmpty()) {
            throw new OpsException(Exit.FAILED, "Cannot find the program setpriv, which runs the server as its user", "Install util-linux.");
        }
        Set<Path> candidates = named != null ? Set.of(named.toAbsolutePath()) : candidates();
        var asNobody = List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--");
        return candidates.stream().filter(Files::exists).filter(JavaForService::visibleToServices).filter(found -> isNewEnough(asNobody, found)).findFirst()
                .orElseThrow(() -> new OpsException(Exit.FAILED, "Found no Java 17 or newer that the server's user can run; checked "
                        + Words.few(List.copyOf(candidates)), "The service runs as its own user and cannot see home folders. Install a Java for all users, "
                        + "on Debian: apt install default-jre-headless. Or name one with --java FILE."));
    }

    private static Set<Path> candidates() {
        var candidates = new LinkedHashSet<>(List.of(SYSTEM, own()));
        Programs.find("java").ifPresent(candidates::add);
        for (String folder : List.of("/usr/lib/jvm", "/opt")) {
            try (Stream<Path> homes = Files.list(Path.of(folder))) {
                homes.map(home -> home.resolve("bin/java")).sorted(Comparator.reverseOrder()).forEach(candidates::add);
            } catch (IOException noSuchFolder) {
                // no Java there
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
