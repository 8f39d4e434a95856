package io.storeit.ops.settings;

import io.storeit.interchange.base.Quoted;
import io.storeit.ops.console.Console;
import io.storeit.ops.console.Result;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Shows each setting and the source of its value. Secrets are not shown. */
public record Configuration(List<Configuration.Place> files, List<Configuration.Entry> settings, Path stateFolder) implements Result {
    /** Holds one configuration file. */
    public record Place(Path path, boolean present, List<String> unknownKeys) {}

    /** Holds one setting. @param source such as {@code file /etc/storeit/ctl.conf} */
    public record Entry(String key, String value, boolean secret, String source, String option, String variable) {}

    /** Lists all settings. */
    public static Configuration of(Settings settings) {
        var entries = new ArrayList<Entry>();
        settings.values().forEach((key, value) -> {
            boolean secret = key == Settings.Key.AUTH_COOKIE;
            entries.add(new Entry(key.inFile(), secret ? null : value.text(), secret && value.text() != null, value.source(), key.option,
                    key.variable()));
        });
        List<Place> files = settings.files().stream().map(file -> new Place(file.path(), file.present(), file.unknownKeys())).toList();
        return new Configuration(files, entries, Settings.stateFolder());
    }

    @Override
    public void print(Console console) {
        for (Entry entry : settings) {
            String value = entry.secret() ? "(set, not shown)" : entry.value() == null ? "(not set)" : entry.value();
            console.row(String.format("%-14s", entry.key()), value + "  [" + entry.source() + "]");
        }
        console.print("State directory: %s", stateFolder);
        for (Place file : files) {
            String unknown = String.join(", ", file.unknownKeys().stream().map(Quoted::bare).toList());
            console.print("%s: %s%s", file.path(), file.present() ? "read" : "does not exist", unknown.isEmpty() ? "" : "; unknown keys: " + unknown);
        }
    }
}
