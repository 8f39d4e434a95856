import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * Turns the only service of a compose file into the arguments of `podman run`, one a line, the image last. For scripts/image-test.sh: the
 * machines that build have no Compose. A key it does not know is an error, so that nothing in the file goes untested.
 *
 * <pre>java Compose FOLDER</pre>
 */
final class Compose {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{(\\w+):-([^}]*)}");

    private final Path folder;
    private final Map<String, String> environment = new HashMap<>();
    private final List<String> arguments = new ArrayList<>();
    private String image;

    private Compose(Path folder) throws IOException {
        this.folder = folder;
        for (String line : Files.readAllLines(folder.resolve(".env"))) {
            if (!line.isBlank() && !line.startsWith("#")) {
                String[] variable = line.split("=", 2);
                environment.put(variable[0], variable[1]);
            }
        }
    }

    public static void main(String[] arguments) throws IOException {
        var compose = new Compose(Path.of(arguments[0]).toAbsolutePath().normalize());
        compose.read().forEach(compose::translate);
        compose.arguments.forEach(System.out::println);
        System.out.println(compose.image);
    }

    private Map<?, ?> read() throws IOException {
        Path file = folder.resolve("compose.yaml");
        String text = Files.readString(Files.exists(file) ? file : folder.resolve("docker-compose.yml"));
        var services = (Map<?, ?>) ((Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(text)).get("services");
        if (services.size() != 1) throw new IllegalArgumentException("more than one service");
        return (Map<?, ?>) services.values().iterator().next();
    }

    private void translate(Object key, Object value) {
        switch ((String) key) {
            case "image" -> image = VARIABLE.matcher((String) value).replaceAll(this::value);
            case "env_file" -> add("--env-file", folder.resolve((String) value));
            case "ports" -> {} // The containers of the test share one network of their own.
            case "volumes" -> all(value, volume -> add("--volume", folder.resolve(volume).normalize()));
            // Podman would bring a container back only until the machine starts again; Docker brings it back for good.
            case "restart" -> add("--restart", value);
            case "cap_drop" -> all(value, capability -> add("--cap-drop", capability));
            case "cap_add" -> all(value, capability -> add("--cap-add", capability));
            case "security_opt" -> all(value, option -> add("--security-opt", option.replace("no-new-privileges:true", "no-new-privileges")));
            // Podman adds folders that can be written to; Docker does not.
            case "read_only" -> arguments.addAll(List.of("--read-only", "--read-only-tmpfs=false"));
            // As Docker mounts it.
            case "tmpfs" -> add("--tmpfs", value + ":rw,noexec,nosuid,nodev");
            case "user" -> add("--user", value);
            default -> throw new IllegalArgumentException("unknown in a compose file: " + key);
        }
    }

    private String value(MatchResult variable) {
        String set = environment.getOrDefault(variable.group(1), "");
        return set.isEmpty() ? variable.group(2) : set;
    }

    private void add(String option, Object value) {
        arguments.add(option);
        arguments.add(value.toString());
    }

    private static void all(Object list, java.util.function.Consumer<String> each) {
        ((List<?>) list).forEach(entry -> each.accept((String) entry));
    }
}
