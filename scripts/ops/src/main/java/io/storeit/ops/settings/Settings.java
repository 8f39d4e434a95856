package io.storeit.ops.settings;

import io.storeit.interchange.base.Quoted;
import io.storeit.interchange.base.Reasons;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Holds the settings of a run. Options override variables, which override files, which override defaults. Each value has its source, which
 * {@code storeit-ctl config} shows. Secrets come from a file or from the terminal, never from an argument.
 */
public record Settings(Map<Settings.Key, Settings.Value> values, List<Settings.ConfigurationFile> files) {
    /** The directory of the settings for all users of this machine. */
    public static final Path MACHINE_FOLDER = Path.of("/etc/storeit");

    /** Names the settings. A file has the name in lower case, the environment has it with the prefix {@code STOREIT_CTL_}. */
    public enum Key {
        SERVER_URL("--server-url", "http://localhost:8080"),
        BINARY_PATH("--binary", null),
        DATA_DIR("--data-dir", null),
        UNIT("--unit", null),
        RELEASES_URL("--releases", "https://api.github.com/repos/Bronson-Brown-deVost/StoreIT/releases"),
        RELEASE_KEYS("--release-keys", null),
        /** Whether {@code status} shows a newer release and {@code doctor} looks for one. */
        UPDATE_CHECK(null, "yes"),
        USERNAME("--username", null),
        PASSWORD_FILE("--password-file", null),
        AUTH_COOKIE(null, null),
        PATIENCE("--patience", "20");

        public final String option;
        final String standard;

        Key(String option, String standard) {
            this.option = option;
            this.standard = standard;
        }

        public String inFile() {
            return name().toLowerCase(Locale.ROOT);
        }

        public String variable() {
            return "STOREIT_CTL_" + name();
        }
    }

    /** Holds a value and its source. @param text null if nothing is configured and there is no default. @param source such as {@code option --server-url} */
    public record Value(String text, String source) {}

    /** Holds the content of a configuration file. @param values by key, unknown keys too. @param present whether the file exists */
    public record ConfigurationFile(Path path, boolean present, Map<String, String> values) {
        private static ConfigurationFile read(Path path) {
            var values = new TreeMap<String, String>();
            try {
                for (String line : Files.readAllLines(path)) {
                    int equals = line.indexOf('=');
                    // The rules of the older tool: keys in any case, # only at the beginning, other lines are skipped.
                    if (equals > 0 && !line.stripLeading().startsWith("#")) {
                        values.put(line.substring(0, equals).strip().toLowerCase(Locale.ROOT), line.substring(equals + 1).strip());
                    }
                }
            } catch (NoSuchFileException none) {
                return new ConfigurationFile(path, false, values);
            } catch (IOException failure) {
                throw new OpsException(Exit.FAILED, "Cannot read the configuration file " + path + ": " + Reasons.withFile(failure), "", failure);
            }
            return new ConfigurationFile(path, true, values);
        }

        public List<String> unknownKeys() {
            return values.keySet().stream().filter(key -> Stream.of(Key.values()).noneMatch(known -> known.inFile().equals(key))).toList();
        }
    }

    /** Reads and checks the settings. @param options those of the command line; null for an option that was not given */
    public static Settings load(Map<Key, ?> options) {
        List<ConfigurationFile> files = places().stream().map(ConfigurationFile::read).toList();
        var values = new EnumMap<Key, Value>(Key.class);
        for (Key key : Key.values()) values.put(key, pick(key, options, files));
        var settings = new Settings(values, files);
        settings.check();
        return settings;
    }

    private static Value pick(Key key, Map<Key, ?> options, List<ConfigurationFile> files) {
        Object option = options.get(key);
        if (option != null) return new Value(option.toString(), "option " + key.option);
        String variable = System.getenv(key.variable());
        if (variable != null && !variable.isEmpty()) return new Value(variable, "variable " + key.variable());
        for (ConfigurationFile file : files) {
            String configured = file.values().get(key.inFile());
            if (configured != null && !configured.isEmpty()) return new Value(configured, "file " + file.path());
        }
        return new Value(key.standard, "default");
    }

    /** Returns the file that STOREIT_CTL_CONFIG names, or else the file of the user and the file of the machine. */
    private static List<Path> places() {
        String named = System.getenv("STOREIT_CTL_CONFIG");
        if (named != null && !named.isEmpty()) return List.of(Path.of(named).toAbsolutePath());
        Path own = xdg(System.getenv(), "XDG_CONFIG_HOME", ".config").resolve("storeit/ctl.conf");
        // The older tool does not use XDG_CONFIG_HOME.
        Path usual = home().resolve(".config/storeit/ctl.conf");
        return List.of(Files.exists(own) || !Files.exists(usual) ? own : usual, MACHINE_FOLDER.resolve("ctl.conf"));
    }

    /** Checks the values here, because a later failure would not name their source. */
    private void check() {
        Value url = values.get(Key.SERVER_URL);
        try {
            if (!url.text().matches("(?i)https?://.+") || URI.create(url.text()).getHost() == null) throw new IllegalArgumentException();
        } catch (IllegalArgumentException malformed) {
            throw new OpsException(Exit.USAGE, "'" + url.text() + "' is not a server address (server_url, " + url.source() + ")",
                    "Write an address such as http://localhost:8080.");
        }
        require(Key.UPDATE_CHECK, "(?i)yes|no|true|false|on|off|1|0", "neither yes nor no", "yes");
        require(Key.PATIENCE, "\\d{1,6}", "not a number of seconds", "20");
    }

    private void require(Key key, String shape, String otherwise, String example) {
        Value value = values.get(key);
        if (value.text().matches(shape)) return;
        throw new OpsException(Exit.USAGE, "'" + Quoted.bare(value.text()) + "' is " + otherwise + " (" + key.inFile() + ", " + value.source() + ")",
                "Write for example: " + key.inFile() + " = " + example);
    }

    private String text(Key key) {
        return values.get(key).text();
    }

    private Path path(Key key) {
        String text = text(key);
        if (text == null) return null;
        Path path = text.startsWith("~/") ? home().resolve(text.substring(2)) : Path.of(text);
        return path.toAbsolutePath().normalize();
    }

    public String serverUrl() {
        return text(Key.SERVER_URL).replaceAll("/+$", "");
    }

    public Path binary() {
        return path(Key.BINARY_PATH);
    }

    public Path dataDirectory() {
        return path(Key.DATA_DIR);
    }

    public String unit() {
        return text(Key.UNIT);
    }

    public String releasesUrl() {
        return text(Key.RELEASES_URL);
    }

    public Path releaseKeys() {
        return path(Key.RELEASE_KEYS);
    }

    /** Returns the file of the password; null if there is none or it is standard input. */
    public Path passwordFile() {
        return "-".equals(text(Key.PASSWORD_FILE)) ? null : path(Key.PASSWORD_FILE);
    }

    public Duration patience() {
        return Duration.ofSeconds(Long.parseLong(text(Key.PATIENCE)));
    }

    public boolean updateCheck() {
        return text(Key.UPDATE_CHECK).matches("(?i)yes|true|on|1");
    }

    public String authCookie() {
        return Objects.requireNonNullElse(text(Key.AUTH_COOKIE), "");
    }

    /** Returns HOME, as every other program does; Java itself asks the user database. */
    public static Path home() {
        String variable = System.getenv("HOME");
        return Path.of(variable != null && variable.startsWith("/") ? variable : System.getProperty("user.home"));
    }

    /** Returns a directory of the XDG specification, which ignores a relative path in the variable. */
    public static Path xdg(Map<String, String> environment, String variable, String otherwise) {
        String value = environment.getOrDefault(variable, "");
        if (value.startsWith("/")) return Path.of(value);
        String home = environment.getOrDefault("HOME", "");
        return (home.startsWith("/") ? Path.of(home) : home()).resolve(otherwise);
    }

    /** Returns the directory for files that belong to no single installation. */
    public static Path stateFolder() {
        return stateFolder(System.getenv());
    }

    /** Returns that directory for a user with this environment. */
    public static Path stateFolder(Map<String, String> environment) {
        return xdg(environment, "XDG_STATE_HOME", ".local/state").resolve("storeit-ctl");
    }

    /** Returns the login; empty if none is configured and there is no terminal to ask on. */
    public Optional<Login> login() {
        String name = text(Key.USERNAME);
        String file = text(Key.PASSWORD_FILE);
        if (file == null) return Login.ask(serverUrl(), name);
        return name == null ? Optional.empty() : Optional.of(Login.read(name, passwordFile()));
    }
}
