package io.storeit.server;

import static io.storeit.server.problem.Exit.FAILED;
import static io.storeit.server.problem.Exit.INTERNAL;
import static io.storeit.server.problem.Exit.OK;
import static io.storeit.server.problem.Exit.USAGE;

import io.storeit.interchange.base.Quoted;
import io.storeit.server.problem.Exit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** Adds to the help of every command what its options do not show: examples and the exit codes it can end with. */
final class CommandHelp {
    /** @param text the purpose of the line, without a full stop */
    private record Example(String text, String line) {}

    private record Entry(Set<Exit> exits, Example... examples) {}

    private static final Set<Exit> ALL = Set.of(Exit.values());
    private static final String COMMON = "Common options: --help (see 'storeit-server --help').";

    private static final Map<String, Entry> ENTRIES = Map.of(
            "serve", new Entry(ALL,
                    new Example("Serve with the default settings", "storeit-server serve"),
                    new Example("Listen on this machine only", "STOREIT_BIND=127.0.0.1:8080 storeit-server serve")),
            "import", new Entry(ALL,
                    new Example("Restore a backup", "storeit-server import storeit.storeit"),
                    new Example("Restore it where the database is lost but the images are not",
                            "storeit-server import storeit.storeit --same-machine")),
            "export", new Entry(ALL,
                    new Example("Export everything", "storeit-server export -o storeit.storeit"),
                    new Example("Export for an older server", "storeit-server export -o older.storeit --for-version 0.2.1")),
            "verify", new Entry(ALL,
                    new Example("Check the database and its images", "storeit-server verify"),
                    new Example("Check a backup", "storeit-server verify storeit.storeit")),
            "auto-upgrade", new Entry(ALL,
                    new Example("Convert the database", "storeit-server auto-upgrade"),
                    new Example("Convert it, then serve", "storeit-server auto-upgrade && storeit-server serve")),
            "reindex", new Entry(ALL,
                    new Example("Rebuild the index of the default database", "storeit-server reindex"),
                    new Example("Rebuild the index of another database",
                            "DATABASE_URL=sqlite:/srv/storeit/storeit.db storeit-server reindex")),
            "version", new Entry(Set.of(OK, USAGE, INTERNAL),
                    new Example("Print the versions", "storeit-server version"),
                    new Example("Print the schema version of the database", "storeit-server version | jq .schema_version")),
            "help", new Entry(Set.of(OK, USAGE)));

    private CommandHelp() {
    }

    /** Completes the help of a program and of its commands. */
    static void describe(CommandLine line) {
        CommandSpec command = line.getCommandSpec();
        UsageMessageSpec usage = command.usageMessage();
        Entry entry = ENTRIES.getOrDefault(command.name(), new Entry(ALL));
        usage.abbreviateSynopsis(true).exitCodeListHeading("%nExit codes:%n").exitCodeList(codes(entry.exits(), command.name()));
        if (entry.examples().length > 0) {
            var footer = new ArrayList<String>();
            for (Example example : entry.examples()) {
                footer.add("  " + example.text() + ":%n    " + example.line());
            }
            footer.add("%n" + COMMON);
            usage.footerHeading("%nExamples:%n").footer(footer.toArray(String[]::new));
            usage.sectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, help -> help.optionListExcludingGroups(
                    command.options().stream().filter(option -> !option.usageHelp()).toList()));
        }
        var sections = new ArrayList<>(usage.sectionKeys());
        var last = List.of(UsageMessageSpec.SECTION_KEY_EXIT_CODE_LIST_HEADING, UsageMessageSpec.SECTION_KEY_EXIT_CODE_LIST);
        sections.removeAll(last);
        sections.addAll(last);
        usage.sectionKeys(sections);
        line.getSubcommands().values().forEach(CommandHelp::describe);
    }

    private static Map<String, String> codes(Set<Exit> exits, String command) {
        var codes = new LinkedHashMap<String, String>();
        Arrays.stream(Exit.values()).filter(exits::contains).forEach(exit -> codes.put(Integer.toString(exit.code()),
                exit == FAILED && command.equals("verify") ? "Something is wrong, or could not be checked." : exit.meaning()));
        return codes;
    }

    /** Returns the message about a command line that cannot be understood. */
    static String misuse(CommandLine.ParameterException failure) {
        if (failure instanceof CommandLine.UnmatchedArgumentException unmatched && failure.getCommandLine().getParent() == null
                && !unmatched.getUnmatched().get(0).startsWith("-")) {
            String similar = unmatched.getSuggestions().stream().filter(name -> !name.startsWith("__")).findFirst()
                    .map(name -> " Did you mean '" + name + "'?").orElse("");
            return "There is no command '" + Quoted.bare(unmatched.getUnmatched().get(0)) + "'." + similar;
        }
        return failure.getMessage();
    }
}
