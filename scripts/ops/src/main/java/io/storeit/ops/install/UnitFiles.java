package io.storeit.ops.install;

import io.storeit.ops.installation.Layout;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes the systemd units of an installation. Paths are in the syntax of unit files ({@code %} doubled, or a specifier). A test
 * writes {@code scripts/systemd} from here.
 *
 * @param user        whether the units are for the systemd of a user, which cannot change the user and supports less of the sandbox
 * @param server      the path of the server's binary
 * @param ctl         the path of storeit-ctl
 * @param data        the directory of database, images and backups
 * @param environment the file with the server's variables; timers and {@code resume --at-boot} read it too
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
        texts.put("storeit-backup.timer", timer("storeit-backup.timer", "Nightly backup of StoreIT", "*-*-* 03:10:00", "20min"));
        texts.put("storeit-upgrade-check.service", upgradeCheck("storeit-upgrade-check.service"));
        texts.put("storeit-upgrade-check.timer", timer("storeit-upgrade-check.timer", "Daily check for newer releases of StoreIT", "daily", "6h"));
        return texts;
    }

    private String server(String name) {
        return header(name) + """
                [Unit]
                Description=StoreIT server
                Documentation=https://github.com/Bronson-Brown-deVost/StoreIT
                %s# systemd stops restarting a server that ends five times within a minute. storeit-ctl resets this count before it starts the server.
                StartLimitIntervalSec=60
                StartLimitBurst=5

                [Service]
                # Not notify, because servers before 0.3.0 do not support it. ExecStartPost waits until the server answers HTTP.
                Type=exec
                %sWorkingDirectory=%s
                EnvironmentFile=%s
                # Completes or undoes an operation that a power cut interrupted. A failure here must not prevent the start.
                ExecStartPre=%s-%s resume --at-boot
                ExecStart=%s serve
                ExecStartPost=-%s __ready
                Restart=on-failure
                RestartSec=2
                # A restart does not help when the server refuses to start (1), a setting is wrong (2) or Java is missing (127).
                RestartPreventExitStatus=1 2 127
                # Java's exit code when SIGTERM arrives before the server has started.
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

    /** Returns the lines that name the user of a service. */
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
                # storeit-ctl reads the new archive completely before it deletes an old one.
                ExecStart=%s backup -o %s --keep-daily 7 --keep-weekly 4 --keep-monthly 6
                Nice=10
                UMask=0077

                """.formatted(Layout.SERVER_UNIT, account(), data, environment, word(ctl), word(data + "/backups/")) + sandbox();
    }

    private String upgradeCheck(String name) {
        return header(name) + """
                [Unit]
                Description=Check for a newer release of StoreIT
                After=%s

                [Service]
                # This only reports a newer release. It does not upgrade.
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
                # Catches up at the next start of the machine.
                Persistent=true

                [Install]
                WantedBy=timers.target
                """.formatted(description, calendar, spread);
    }

    /** Returns whether any version of storeit-ctl has written a unit. */
    static boolean isOurs(String text) {
        return text.startsWith("# Written by 'storeit-ctl install'");
    }

    private static String header(String name) {
        return """
                # Written by 'storeit-ctl install', which also replaces it. Put changes into a drop-in: systemctl edit %s
                """.formatted(name);
    }

    /**
     * Returns the restrictions that every version of server and storeit-ctl works with. MemoryDenyWriteExecute= is not possible, because Java
     * compiles while it runs. The systemd of a user cannot restrict file systems and capabilities.
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
                # For another directory, such as images on a second disk, add a line like this in a drop-in.
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

    /** Quotes a path for a line that systemd splits at spaces. */
    private static String word(String text) {
        return text.matches("[\\w./%@:+-]+") ? text : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
