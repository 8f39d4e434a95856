package io.storeit.ops.install;

import io.storeit.ops.base.OpsException;
import io.storeit.ops.host.AtomicFiles;
import io.storeit.ops.host.FileTree;
import io.storeit.ops.host.Owner;
import io.storeit.ops.host.Programs;
import io.storeit.ops.installation.Layout;
import io.storeit.ops.settings.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/** An agent of launchd, which runs while its user is logged in. */
public final class LaunchdService implements Services {
    private static final String LABEL = "io.storeit.server";

    private final Layout layout;
    private final String domain = "gui/" + Owner.ownUserId();

    LaunchdService(Layout layout) {
        this.layout = layout;
    }

    private Path file() {
        return layout.units().resolve(LABEL + ".plist");
    }

    private Path log() {
        return Settings.home().resolve("Library/Logs/storeit-server.log");
    }

    /** launchd reads no environment file, so a shell does; changes in it count from the next start as elsewhere. */
    String text() {
        return """
                <?xml version="1.0" encoding="UTF-8"?>
                <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
                <plist version="1.0">
                <dict>
                    <key>Label</key>
                    <string>%s</string>
                    <key>ProgramArguments</key>
                    <array>
                        <string>/bin/sh</string>
                        <string>-c</string>
                        <string>set -a; . "$1"; exec "$2" serve</string>
                        <string>storeit</string>
                        <string>%s</string>
                        <string>%s</string>
                    </array>
                    <key>RunAtLoad</key>
                    <true/>
                    <key>KeepAlive</key>
                    <dict>
                        <key>Crashed</key>
                        <true/>
                    </dict>
                    <key>WorkingDirectory</key>
                    <string>%s</string>
                    <key>Umask</key>
                    <integer>63</integer>
                    <key>StandardOutPath</key>
                    <string>%s</string>
                    <key>StandardErrorPath</key>
                    <string>%s</string>
                </dict>
                </plist>
                """.formatted(LABEL, xml(layout.environmentFile()), xml(layout.server()), xml(layout.data()), xml(log()), xml(log()));
    }

    private static String xml(Path path) {
        return path.toString().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    @Override
    public void check() {
        // Nobody else uses this label.
    }

    @Override
    public Optional<String> limit() {
        return Optional.of("It runs while you are logged in.");
    }

    @Override
    public boolean place() {
        boolean first = !Files.exists(file());
        try {
            Files.createDirectories(layout.units());
            Files.createDirectories(log().getParent());
            AtomicFiles.place(file(), text().getBytes(StandardCharsets.UTF_8), "rw-r--r--");
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
        return first;
    }

    @Override
    public void start() {
        if (!isAlive()) Programs.require("launchctl", "bootstrap", domain, file().toString());
    }

    @Override
    public boolean isAlive() {
        return Programs.run("launchctl", "print", domain + "/" + LABEL).exit() == 0;
    }

    @Override
    public void saveLog(Path file) {
        try {
            Files.copy(log(), file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException noLog) {
            // then there is nothing to show
        }
    }

    @Override
    public String restartCommand() {
        return "launchctl kickstart -k " + domain + "/" + LABEL;
    }

    @Override
    public List<Path> files() {
        return Files.exists(file()) ? List.of(file()) : List.of();
    }

    @Override
    public void remove() {
        if (files().isEmpty()) return;
        if (isAlive()) Programs.require("launchctl", "bootout", domain + "/" + LABEL);
        FileTree.deleteQuietly(file());
    }
}
