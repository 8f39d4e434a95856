package io.storeit.ops.install;

import io.storeit.interchange.sqlite.DatabaseUrl;
import io.storeit.ops.host.Programs;
import io.storeit.ops.installation.Layout;
import io.storeit.ops.process.Launch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Holds what an installed server is started with: its variables, its user and its Java. */
record ServerLaunch(Layout layout, String bind, Path java, Account account) {
    /** The variables that only the service or storeit-ctl reads. */
    private static final List<String> NOT_IN_COMMAND = List.of("STOREIT_CTL_JAVA", "STOREIT_SERVER_CACHE", "RUST_LOG");

    /** Returns the server's variables, as a new environment file has them. */
    Map<String, String> variables() {
        var variables = new LinkedHashMap<String, String>();
        variables.put("DATABASE_URL", DatabaseUrl.of(layout.database()));
        variables.put("STOREIT_IMAGE_PATH", layout.images().toString());
        variables.put("STOREIT_BIND", bind);
        variables.put("STOREIT_SERVER_JAVA", java.toString());
        variables.put("STOREIT_SERVER_CACHE", layout.cache().toString());
        variables.put("STOREIT_CTL_JAVA", java.toString());
        variables.put("RUST_LOG", "info");
        return variables;
    }

    Launch launch() {
        return launch(Map.of());
    }

    Launch launch(Map<String, String> extra) {
        var environment = new TreeMap<String, String>();
        if (layout.forUser()) {
            environment.putAll(System.getenv());
        } else {
            environment.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
            environment.put("HOME", layout.data().toString());
            environment.put("LANG", "C.UTF-8");
        }
        environment.putAll(variables());
        environment.putAll(extra);
        return new Launch(null, List.of("serve"), environment, layout.data(), account.userId(), account.groupId(), "0077");
    }

    /** Returns the shell command that starts the server without a service. */
    String command() {
        var words = new ArrayList<String>();
        if (!layout.forUser()) words.addAll(List.of("setpriv", "--reuid=" + account.name(), "--regid=" + account.name(), "--init-groups", "env"));
        variables().forEach((name, value) -> {
            if (!NOT_IN_COMMAND.contains(name)) words.add(name + "=" + Programs.quoted(value));
        });
        words.add(Programs.quoted(layout.server()));
        return String.join(" ", words);
    }
}
