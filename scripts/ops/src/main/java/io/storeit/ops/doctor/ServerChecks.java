package io.storeit.ops.doctor;

import io.storeit.interchange.sqlite.Holders;
import io.storeit.interchange.sqlite.Locks;
import io.storeit.ops.base.Words;
import io.storeit.ops.installation.Installation;
import io.storeit.ops.installation.Journal;
import io.storeit.ops.installation.Layout;
import io.storeit.ops.process.ServerProcess;
import io.storeit.ops.process.SystemdUnit;
import io.storeit.ops.server.ServerApi;
import io.storeit.ops.settings.Context;
import java.util.Map;
import java.util.Optional;

/** Checks the running server, its unit, and other processes that use its database. */
final class ServerChecks {
    private final Context context;
    private final Findings findings;
    private Optional<ServerApi.Facts> facts = Optional.empty();
    private Optional<ServerApi.Health> health = Optional.empty();
    private Installation installation;

    ServerChecks(Context context, Findings findings) {
        this.context = context;
        this.findings = findings;
    }

    /** Returns the result of {@link #server} for the other checks. */
    Subject subject() {
        return new Subject(context, facts, health, installation);
    }

    void server() {
        String url = context.settings().serverUrl();
        long begun = System.nanoTime();
        try (var api = new ServerApi(url)) {
            facts = api.probe();
            long milliseconds = (System.nanoTime() - begun) / 1_000_000;
            installation = Installation.find(context, facts.isPresent()).orElse(null);
            if (facts.isPresent()) {
                findings.ok("version " + facts.get().appVersion() + " answers at " + url + " within " + milliseconds + " ms");
                if (installation != null && api.useTokenBeside(installation.database())) health = api.health();
            } else {
                findings.serious("no server is listening at " + url, subject().startCommand());
            }
            if (installation == null) findings.add(Finding.Severity.WARNING, Installation.unknown(context, facts.isPresent()));
        }
    }

    void operation() {
        Optional<Journal> journal = Journal.read(installation.database());
        boolean held = Locks.operationHeld(installation.database());
        if (journal.filter(Journal::interrupted).isPresent() && !held) {
            findings.serious("interrupted: " + journal.get().summary(), "storeit-ctl resume");
        } else if (held) {
            findings.note("another storeit-ctl is running" + journal.filter(Journal::interrupted).map(found -> ": " + found.progress()).orElse(""), null);
        } else {
            findings.ok(journal.map(found -> "none was interrupted; the last was " + found.summary()).orElse("none was interrupted"));
        }
    }

    void unit() {
        SystemdUnit unit = installation.launch().unit();
        if (unit != null) {
            unit(unit);
        } else if (installation.process() != null && facts.isPresent()) {
            boolean known = SystemdUnit.known(Layout.SERVER_UNIT).isPresent();
            findings.note("the server was started by hand; it does not restart after a boot or a crash",
                    known ? "systemctl enable --now " + Layout.SERVER_UNIT : null);
        }
    }

    private void unit(SystemdUnit unit) {
        Map<String, String> state = unit.standing();
        String name = unit.name();
        boolean good = true;
        if ("masked".equals(state.get("LoadState"))) {
            findings.serious(name + " is masked: systemd will not start it", unit.command("unmask"));
            good = false;
        } else if ("disabled".equals(state.get("UnitFileState"))) {
            findings.warn(name + " is not enabled: it will not start at boot", unit.command("enable"));
            good = false;
        }
        if ("yes".equals(state.get("NeedDaemonReload"))) {
            findings.warn("the file of " + name + " was changed after systemd read it", unit.command("daemon-reload"));
            good = false;
        }
        if ("failed".equals(state.get("ActiveState"))) {
            findings.serious(name + " has failed (" + state.get("Result") + "): '" + unit.journal() + "' shows why", unit.command("restart"));
            good = false;
        }
        String restarts = state.getOrDefault("NRestarts", "0");
        if (!restarts.equals("0")) {
            String times = Words.counted(Long.parseLong(restarts), "time", "times");
            findings.note(name + " was restarted " + times + " after it ended unexpectedly", unit.journal());
            good = false;
        }
        if (good) findings.ok(name + " is " + state.get("ActiveState") + " and " + state.get("UnitFileState"));
    }

    void locks() {
        for (long holder : Holders.others(installation.database())) {
            if (installation.process() != null && holder == installation.process().pid()) continue;
            String command = Words.shortened(String.join(" ", ServerProcess.of(holder).arguments()));
            findings.warn("process " + holder + " has the database open: " + command, "kill " + holder);
        }
    }
}
