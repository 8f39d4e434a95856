package io.storeit.ctl;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.storeit.ops.base.Exit;
import io.storeit.ops.console.Plan;
import io.storeit.ops.doctor.DoctorReport;
import io.storeit.ops.doctor.StatusReport;
import io.storeit.ops.install.Installed;
import io.storeit.ops.install.Uninstaller;
import io.storeit.ops.installation.Moved;
import io.storeit.ops.installation.Resumed;
import io.storeit.ops.settings.Configuration;
import io.storeit.ops.updates.ReleaseList;
import io.storeit.ops.updates.SelfUpdate;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Runs many commands one after the other in one process, which a test starts with the environment it wants: a process for each would cost
 * half a minute. What each wrote to the streams of the process goes into a file.
 */
public final class CommandTable {
    public record Run(List<String> arguments, int exit, String out, String err) {
        public boolean asJson() {
            return arguments.contains("--json");
        }

        @Override
        public String toString() {
            return "--- storeit-ctl %s: exit %d, standard output:%n%s--- standard error:%n%s---%n".formatted(String.join(" ", arguments), exit, out, err);
        }
    }

    private CommandTable() {
    }

    /** The names of all commands, in the order of the help. */
    public static List<String> commands() {
        return Value.subcommands(StoreitCtl.commandLine().getCommandSpec()).stream().map(CommandSpec::name).toList();
    }

    /** Whether a command takes an option. */
    public static boolean takes(String command, String option) {
        return StoreitCtl.commandLine().getSubcommands().get(command).getCommandSpec().findOption(option) != null;
    }

    /** All exit codes there are, by their names in the JSON. */
    public static Map<String, Integer> exitCodes() {
        return Stream.of(Exit.values()).collect(Collectors.toMap(Exit::json, exit -> exit.code));
    }

    /** The files: commands, a list of words each, and where the runs go. */
    public static void main(String[] files) throws IOException {
        var json = new ObjectMapper();
        var runs = new ArrayList<Run>();
        for (String[] arguments : json.readValue(Path.of(files[0]).toFile(), String[][].class)) {
            var out = new ByteArrayOutputStream();
            var err = new ByteArrayOutputStream();
            System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
            int exit = StoreitCtl.commandLine().execute(arguments);
            runs.add(new Run(List.of(arguments), exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8)));
        }
        json.writeValue(new File(files[1]), runs);
        System.exit(0);
    }

    /**
     * The keys of the results that are written as their records are, by the section of docs/json.md; some of them only a whole upgrade or
     * install would show. The others make their JSON themselves.
     */
    public static Map<String, Map<String, String>> keysOfRecords() {
        var records = Map.ofEntries(
                Map.entry("A dry run", Plan.class), Map.entry("status", StatusReport.class), Map.entry("doctor", DoctorReport.class), Map.entry("releases", ReleaseList.class),
                Map.entry("config", Configuration.class), Map.entry("backup", Backups.Saved.class), Map.entry("upgrade", Moved.class),
                Map.entry("downgrade", Moved.class), Map.entry("rollback", Moved.class), Map.entry("upgrade --check", SelfUpdate.Check.class),
                Map.entry("resume", Resumed.class), Map.entry("cleanup", Cleanup.Cleaned.class), Map.entry("restore", Restoration.Restored.class),
                Map.entry("install", Installed.class), Map.entry("uninstall", Uninstaller.Uninstalled.class), Map.entry("self-update", SelfUpdate.ToolUpdated.class));
        var keys = new TreeMap<String, Map<String, String>>();
        records.forEach((section, record) -> {
            var found = new TreeMap<String, String>();
            collect("", record, found);
            keys.put(section, found);
        });
        return keys;
    }

    private static void collect(String key, Type type, Map<String, String> found) {
        if (type instanceof ParameterizedType generic && generic.getRawType() == List.class) {
            collect(key + "[]", generic.getActualTypeArguments()[0], found);
        } else if (type instanceof ParameterizedType generic && generic.getRawType() == Map.class) {
            collect(key + ".<table>", generic.getActualTypeArguments()[1], found);
        } else if (type instanceof Class<?> record && record.isRecord()) {
            for (RecordComponent component : record.getRecordComponents()) {
                String name = component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
                collect(key.isEmpty() ? name : key + "." + name, component.getGenericType(), found);
            }
        } else {
            boolean integer = List.<Type>of(int.class, long.class, Integer.class, Long.class).contains(type);
            found.put(key, integer ? "integer" : List.<Type>of(boolean.class, Boolean.class).contains(type) ? "boolean" : type == Path.class ? "path" : "string");
        }
    }

    public static List<Run> read(Path file) throws IOException {
        return List.of(new ObjectMapper().readValue(file.toFile(), Run[].class));
    }
}
