package io.storeit.ops.console;

import io.storeit.interchange.base.Quoted;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** Adds to help, manual pages and completions what picocli does not know: examples, exit codes, and suggestions for a misspelt command. */
public final class CommandHelp {
    /** Shows one use of a command. @param text its purpose, without a full stop. @param words what follows the program's name */
    public record Example(String text, String words) {}

    /** Holds what help adds for one command. @param exits how the command can end */
    private record Entry(List<Example> examples, Set<Exit> exits) {}

    private static final Set<Exit> ALWAYS = Set.of(Exit.OK, Exit.USAGE, Exit.INTERNAL, Exit.INTERRUPTED);
    private static final String COMMON = "Common options: --json, --quiet, --verbose, --help (see 'storeit-ctl --help').";
    private static final Map<String, Entry> ENTRIES = entries();

    private static final List<String> EXIT_CODES = List.of(UsageMessageSpec.SECTION_KEY_EXIT_CODE_LIST_HEADING, UsageMessageSpec.SECTION_KEY_EXIT_CODE_LIST);

    private CommandHelp() {}

    private static Map<String, Entry> entries() {
        var entries = new LinkedHashMap<String, Entry>();
        put(entries, "status", exits(Exit.FAILED, Exit.ATTENTION), "Show the state", "status", "Print it as JSON", "status --json");
        put(entries, "doctor", exits(Exit.FAILED, Exit.ATTENTION), "Check everything", "doctor",
                "Check without access to GitHub", "doctor --releases /srv/releases");
        put(entries, "releases", exits(Exit.FAILED), "List the available releases", "releases",
                "List those in a directory", "releases --releases /srv/releases");
        put(entries, "config", exits(Exit.FAILED), "Show where each setting comes from", "config", "Print it as JSON", "config --json");
        put(entries, "backup", exits(Exit.FAILED, Exit.ATTENTION, Exit.ARCHIVE, Exit.BUSY),
                "Back up, and restore the archive on trial", "backup --verify -o storeit.storeit",
                "Back up into a directory and delete old backups there", "backup -o /srv/backups/ --keep-daily 7 --keep-weekly 4 --keep-monthly 12",
                "Back up into another program", "backup -o - | age -r RECIPIENT > storeit.age");
        put(entries, "upgrade", moves(Exit.ROLLED_BACK, Exit.ARCHIVE, Exit.CONSENT), "Upgrade to the latest release", "upgrade",
                "Show what it would do", "upgrade --dry-run");
        put(entries, "downgrade", moves(Exit.ROLLED_BACK, Exit.ARCHIVE, Exit.CONSENT), "Show what would be lost", "downgrade 0.2.1 --dry-run",
                "Go back to 0.2.1", "downgrade 0.2.1");
        put(entries, "rollback", moves(Exit.ROLLED_BACK, Exit.CONSENT), "Undo the last upgrade", "rollback",
                "Undo it without a question", "rollback --yes");
        put(entries, "resume", moves(Exit.ROLLED_BACK), "Continue after a power cut", "resume", "Show what it would do", "resume --dry-run");
        put(entries, "cleanup", moves(Exit.ROLLED_BACK), "Show what would be removed", "cleanup --dry-run",
                "Remove it once the new version has proved itself", "cleanup");
        put(entries, "verify", exits(Exit.FAILED, Exit.ARCHIVE), "Check a backup", "verify storeit.storeit",
                "Check a backup from another program", "verify -");
        put(entries, "show", exits(Exit.FAILED, Exit.ARCHIVE), "Find the drill of last year", "show last-year.storeit --find drill",
                "List the rooms and what is in them", "show storeit.storeit --tree --depth 1");
        put(entries, "diff", exits(Exit.FAILED, Exit.ATTENTION, Exit.ARCHIVE, Exit.BUSY), "Compare a backup with the current data", "diff last-year.storeit",
                "Compare two backups", "diff last-year.storeit storeit.storeit");
        put(entries, "convert", exits(Exit.FAILED, Exit.ARCHIVE, Exit.CONSENT),
                "Convert a backup for an older server", "convert storeit.storeit -o older.storeit --for-version 0.2.1",
                "Leave out the photos", "convert storeit.storeit -o rows.storeit --without-images");
        put(entries, "restore", moves(Exit.ARCHIVE, Exit.CONSENT, Exit.ROLLED_BACK), "Restore a backup", "restore storeit.storeit",
                "Show what it would do", "restore storeit.storeit --dry-run");
        put(entries, "install", moves(Exit.CONSENT), "Install for all users, as root", "install",
                "Install for one user, reachable from this machine only", "install --user --bind 127.0.0.1:8080");
        put(entries, "uninstall", moves(Exit.CONSENT), "Remove the programs and keep the data", "uninstall",
                "Remove everything", "uninstall --delete-data");
        put(entries, "self-update", exits(Exit.FAILED, Exit.CONSENT, Exit.BUSY), "Update to the latest release", "self-update",
                "Update from a directory of releases", "self-update --releases /srv/releases");
        return entries;
    }

    private static void put(Map<String, Entry> entries, String command, Set<Exit> exits, String... textsAndWords) {
        var examples = new ArrayList<Example>();
        for (int i = 0; i < textsAndWords.length; i += 2) examples.add(new Example(textsAndWords[i], textsAndWords[i + 1]));
        entries.put(command, new Entry(List.copyOf(examples), exits));
    }

    private static Set<Exit> exits(Exit... others) {
        var exits = EnumSet.copyOf(ALWAYS);
        exits.addAll(List.of(others));
        return exits;
    }

    /** Returns the exit codes of a command that changes an installation, which another storeit-ctl may be using. */
    private static Set<Exit> moves(Exit... others) {
        Set<Exit> exits = exits(others);
        exits.addAll(Set.of(Exit.FAILED, Exit.ATTENTION, Exit.BUSY));
        return exits;
    }

    /** Returns the examples of a command; an empty list for a command without an entry. */
    public static List<Example> examples(String command) {
        return ENTRIES.containsKey(command) ? ENTRIES.get(command).examples() : List.of();
    }

    /** Returns the exit codes that a command can end with, and their meanings; all of them for the program itself. */
    static Map<String, String> exitCodes(String command) {
        return Exit.descriptions(ENTRIES.containsKey(command) ? ENTRIES.get(command).exits() : EnumSet.allOf(Exit.class));
    }

    /** Adds to a command line what only help, manual pages and completions need. */
    public static void describe(CommandLine line) {
        CommandSpec command = line.getCommandSpec();
        UsageMessageSpec usage = command.usageMessage();
        usage.sortOptions(false).sortSynopsis(false).abbreviateSynopsis(true).autoWidth(true);
        usage.exitCodeListHeading("%nExit codes:%n").exitCodeList(exitCodes(command.name()));
        List<Example> examples = examples(command.name());
        if (!examples.isEmpty()) {
            var footer = new ArrayList<String>();
            for (Example example : examples) footer.add("  " + example.text() + ":%n    storeit-ctl " + example.words().replace("%", "%%"));
            footer.add("%n" + COMMON);
            usage.footerHeading("%nExamples:%n").footer(footer.toArray(String[]::new));
        } else if (command.parent() == null) {
            usage.footerHeading("%n").footer("Options of a command: 'storeit-ctl help COMMAND'.");
        }
        if (command.parent() != null) {
            usage.sectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, help -> help.optionListExcludingGroups(ownOptions(command)));
        }
        var keys = new ArrayList<>(usage.sectionKeys());
        keys.removeAll(EXIT_CODES);
        keys.addAll(EXIT_CODES);
        usage.sectionKeys(keys);
        line.getSubcommands().values().forEach(CommandHelp::describe);
    }

    private static List<OptionSpec> ownOptions(CommandSpec command) {
        return command.options().stream().filter(option -> !option.inherited()).sorted(Comparator.comparingInt(OptionSpec::order)).toList();
    }

    /** Returns the error for a command line that cannot be parsed. */
    public static OpsException wrongUsage(CommandLine.ParameterException failure) {
        CommandLine command = failure.getCommandLine();
        if (failure instanceof CommandLine.UnmatchedArgumentException unmatched && command.getParent() == null
                && !unmatched.getUnmatched().isEmpty() && !unmatched.getUnmatched().get(0).startsWith("-")) {
            return noSuchCommand(command, unmatched.getUnmatched().get(0));
        }
        return new OpsException(Exit.USAGE, failure.getMessage(), "See '" + command.getCommandSpec().qualifiedName() + " --help'.", failure);
    }

    /** Returns the error for an unknown command, with a suggestion. @param root the program's command line, with all its commands */
    public static OpsException noSuchCommand(CommandLine root, String word) {
        var unmatched = new CommandLine.UnmatchedArgumentException(root, List.of(word));
        Optional<String> similar = unmatched.getSuggestions().stream().filter(name -> !name.startsWith("__")).findFirst();
        return new OpsException(Exit.USAGE, "There is no command '" + Quoted.bare(word) + "'."
                + similar.map(name -> " Did you mean '" + name + "'?").orElse(""), "See 'storeit-ctl --help'.");
    }
}
