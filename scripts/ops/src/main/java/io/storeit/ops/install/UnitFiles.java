package io.storeit.ops.install;

import io.storeit.ops.installation.Layout;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes the systemd units of an installation. Paths are in the syntax of unit files ({@code %} doubled, or a specifier). A test
 * writes {@code scripts/systemd} from here.
 *
 * @param user        units for the manager of a user, which has no other user to run a server as and can take less from it
 * @param server      the path of the server's binary
 * @param ctl         the path of storeit-ctl
 * @param data        the directory of database, images and backups
 * @param environment the file with the server's variables; timers and {@code resume --at-boot} see them too
 */
public record UnitFiles(boolean user, String server, String ctl, String data, String environment) {
    /** The units for the whole machine, with the usual paths. */
    public static final UnitFiles SYSTEM = of(Layout.standard(false));
    /** The units for one person, with the usual paths. */
    public static final UnitFiles USER = new UnitFiles(true, "%h/.local/bin/storeit-server", "%h/.local/bin/storeit-ctl", "%h/.local/share/storeit",
            "%h/.config/storeit/storeit.env");

    static UnitFiles of(Layout layout) {
        return new UnitFiles(layout.forUser(), escaped(layout.server()), escaped(layout.tool()), escaped(layout.data()), escaped(layout.environmentFile()));
    }

    private static String escaped(Path path) {
        return path.toString().replace("%", "%%");
    }

    /** Returns the text of each unit by its name. */
    public Map<String, String> texts() {
        var texts = new LinkedHashMap<String, String>();
        texts.put(Layout.SERVER_UNIT, server(Layout.SERVER_UNIT));
        texts.put("storeit-backup.service", backup("storeit-backup.service"));
        texts.put("storeit-backup.timer", timer("storeit-backup.timer", "A backup of StoreIT each night", "*-*-* 03:10:00", "20min"));
        texts.put("storeit-upgrade-check.service", upgradeCheck("storeit-upgrade-check.service"));
        texts.put("storeit-upgrade-check.timer", timer("storeit-upgrade-check.timer", "A look for newer releases of StoreIT each day", "daily", "6h"));
        return texts;
    }

    private String server(String name) {
        return header(name) + """
                [Unit]
                Description=StoreIT server
                Documentation=https://github.com/Bronson-Brown-deVost/StoreIT
                %s# A server that ends five times within a minute is left alone. storeit-ctl resets that count before each start of its own.
                StartLimitIntervalSec=60
                StartLimitBurst=5

                [Service]
                # Not notify: servers before 0.3.0 notify nobody. Readiness is that the server answers HTTP, which ExecStartPost awaits.
                Type=exec
                %sWorkingDirectory=%s
                EnvironmentFile=%s
                # Puts right what a power cut interrupted; else it ends at once. A fault in it must not keep the server down.
                ExecStartPre=%s-%s resume --at-boot
                ExecStart=%s serve
                ExecStartPost=-%s __ready
                Restart=on-failure
                RestartSec=2
                # What the server refuses (1), a wrong setting (2), no Java (127): trying again changes nothing.
                RestartPreventExitStatus=1 2 127
                # Java's exit code after SIGTERM, when it comes before the server has begun.
                SuccessExitStatus=143
                TimeoutStartSec=15min
                UMask=0077

                """.formatted(
                user ? "" : "Wants=network-online.target\nAfter=network-online.target\n", account(), data, environment, user ? "" : "+",
                word(ctl), word(server), word(ctl)) + sandbox() + """

                [Install]
                WantedBy=%s
                """.formatted(user ? "default.target" : "multi-user.target");
    }

    /** Returns the lines that name the user, which all services share. */
    private String account() {
        return user ? "" : "User=" + Account.SERVICE + "\nGroup=" + Account.SERVICE + "\n";
    }

    private String backup(String name) {
        return header(name) + """
                [Unit]
                Description=StoreIT backup
                After=%s

                [Service]
                Type=oneshot
                %sWorkingDirectory=%s
                EnvironmentFile=%s
                # The new archive is read to its end before an old one is deleted.
                ExecStart=%s backup -o %s --keep-daily 7 --keep-weekly 4 --keep-monthly 6
                Nice=10
                UMask=0077

                """.formatted(Layout.SERVER_UNIT, account(), data, environment, word(ctl), word(data + "/backups/")) + sandbox();
    }

    private String upgradeCheck(String name) {
        return header(name) + """
                [Unit]
                Description=Look for a newer release of StoreIT
                After=%s

                [Service]
                # It only tells; upgrading is left to people.
                Type=oneshot
                %sWorkingDirectory=%s
                EnvironmentFile=%s
                ExecStart=%s upgrade --check
                Nice=10
                UMask=0077

                """.formatted(Layout.SERVER_UNIT, account(), data, environment, word(ctl)) + sandbox();
    }

    private String timer(String name, String description, String calendar, String spread) {
        return header(name) + """
                [Unit]
                Description=%s

                [Timer]
                OnCalendar=%s
                RandomizedDelaySec=%s
                # After a time switched off, at the next start.
                Persistent=true

                [Install]
                WantedBy=timers.target
                """.formatted(description, calendar, spread);
    }

    /** Tells whether any version of storeit-ctl has written a unit. */
    static boolean isOurs(String text) {
        return text.startsWith("# Written by 'storeit-ctl install'");
    }

    private static String header(String name) {
        return """
                # Written by 'storeit-ctl install', which also replaces it. What you add belongs into a drop-in: systemctl edit %s
                """.formatted(name);
    }

    /**
     * Takes away what no version of server and storeit-ctl needs. Java compiles while it runs, so MemoryDenyWriteExecute= cannot be set; the
     * manager of a user cannot take away file systems and capabilities.
     */
    private String sandbox() {
        String everywhere = """
                NoNewPrivileges=yes
                LockPersonality=yes
                RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
                RestrictNamespaces=yes
                RestrictRealtime=yes
                RestrictSUIDSGID=yes
                SystemCallArchitectures=native
                SystemCallFilter=@system-service
                SystemCallFilter=~@privileged @resources
                SystemCallErrorNumber=EPERM
                """;
        return user ? everywhere : """
                # Another folder (images on a second disk, say) needs a line of its own in a drop-in.
                ReadWritePaths=%s
                CapabilityBoundingSet=
                AmbientCapabilities=
                PrivateDevices=yes
                PrivateTmp=yes
                ProtectClock=yes
                ProtectControlGroups=yes
                ProtectHome=yes
                ProtectHostname=yes
                ProtectKernelLogs=yes
                ProtectKernelModules=yes
                ProtectKernelTunables=yes
                ProtectProc=invisible
                ProtectSystem=strict
                RemoveIPC=yes
                """.formatted(word(data)) + everywhere;
    }

    /** Writes a path as one word of a line that systemd splits at spaces. */
    private static String word(String text) {
        return text.matches("[\\w./%@:+-]+") ? text : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
