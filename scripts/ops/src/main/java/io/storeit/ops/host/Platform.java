package io.storeit.ops.host;

import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import java.util.List;
import java.util.Locale;

/** Names this machine as release assets do. */
public final class Platform {
    private Platform() {}

    /** Returns system and processor, such as {@code linux-x86_64}. */
    public static String name() {
        return system() + "-" + architecture();
    }

    /** Returns the names that the server for this machine may have, the preferred one first. */
    public static List<String> assetNames() {
        String base = "storeit-server-" + name();
        return switch (system()) {
            case "linux" -> List.of(base + "-musl", base);
            case "windows" -> List.of(base + ".exe");
            default -> List.of(base);
        };
    }

    /** Fails on a system other than Linux: the command depends on /proc or on systemd. */
    public static void requireLinux(String command) {
        if (system().equals("linux")) return;
        throw new OpsException(Exit.FAILED, "'" + command + "' works on Linux only", "On this system use backup, restore, verify, show, diff and convert.");
    }

    /**
     * Returns {@code linux}, {@code darwin} or {@code windows}. Tests set the property {@code storeit.system}, because {@code os.name} would
     * change Java itself.
     */
    static String system() {
        String name = System.getProperty("storeit.system", System.getProperty("os.name")).toLowerCase(Locale.ROOT);
        if (name.startsWith("mac")) return "darwin";
        return name.startsWith("windows") ? "windows" : name;
    }

    private static String architecture() {
        return switch (System.getProperty("os.arch")) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "aarch64";
            default -> System.getProperty("os.arch");
        };
    }
}
