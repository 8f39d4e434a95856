package io.storeit.ctl;

import io.storeit.ops.console.CommandHelp;
import io.storeit.ops.settings.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The manual of storeit-ctl in the macros of man(7), one page for it and one for each command, made of its command line's model. picocli's
 * own generator writes AsciiDoc, which would take a whole Ruby to become a page.
 */
final class ManPages {
    private final CommandSpec root;
    private final List<CommandSpec> commands;

    ManPages(CommandSpec root) {
        this.root = root;
        this.commands = Value.subcommands(root);
    }

    /** All of them, as they are typed behind the program's name. */
    static List<String> examples() {
        return Value.subcommands(StoreitCtl.commandLine().getCommandSpec()).stream()
                .flatMap(command -> CommandHelp.examples(command.name()).stream()).map(CommandHelp.Example::words).toList();
    }

    /** By the names of their files. */
    Map<String, String> pages() {
        var pages = new LinkedHashMap<String, String>();
        pages.put(root.name() + ".1", mainPage());
        commands.forEach(command -> pages.put(root.name() + "-" + command.name() + ".1", page(command)));
        return pages;
    }

    private String mainPage() {
        var page = new Page(root.name(), Value.description(root));
        page.section("SYNOPSIS").line(".B " + escaped(root.name())).line(italic("COMMAND") + " [" + italic("OPTION") + "...]");
        page.section("DESCRIPTION").text("""
                storeit-ctl asks the running server for a backup, fetches the other version, rehearses the import with the real data beside the real \
                database, stops the server, puts database and binary in place with one rename each, starts the server and checks it. Whatever fails \
                before the end is undone; what a power cut interrupts, the next start finishes.""");
        page.section("COMMANDS");
        for (CommandSpec command : commands) {
            page.item(bold(root.name() + "-" + command.name()) + "(1)", Value.description(command));
        }
        page.section("OPTIONS").text("They may stand before the command and after it. Each command has options of its own.");
        Value.options(root).forEach(page::option);
        exitStatus(page, root);
        page.section("ENVIRONMENT");
        environment().forEach((name, text) -> page.item(bold(name), text));
        page.section("FILES");
        files().forEach((name, text) -> page.item(italic(name), text));
        page.section("SEE ALSO").line(commands.stream().map(command -> bold(root.name() + "-" + command.name()) + "(1)").collect(Collectors.joining(",\n")));
        return page.toString();
    }

    private String page(CommandSpec command) {
        String name = root.name() + "-" + command.name();
        var page = new Page(name, Value.description(command));
        page.section("SYNOPSIS").line(".B " + escaped(root.name() + " " + command.name()))
                .line(Stream.concat(Stream.of("[" + italic("OPTION") + "...]"), command.positionalParameters().stream().map(ManPages::inSynopsis))
                        .collect(Collectors.joining("\n")));
        page.section("DESCRIPTION").text(Value.description(command));
        command.positionalParameters().forEach(argument -> page.item(italic(argument.paramLabel()), Value.description(argument)));
        if (!Value.own(command).isEmpty()) {
            page.section("OPTIONS");
            Value.own(command).forEach(page::option);
        }
        page.section("OPTIONS OF EVERY COMMAND");
        Value.everywhere(root).forEach(page::option);
        exitStatus(page, command);
        page.section("EXAMPLES");
        CommandHelp.examples(command.name()).forEach(example -> page.item(escaped(example.text()) + ":", "")
                .line(".EX").line(escaped(root.name() + " " + example.words())).line(".EE"));
        page.section("SEE ALSO").line(bold(root.name()) + "(1)");
        return page.toString();
    }

    private static String inSynopsis(PositionalParamSpec argument) {
        String label = italic(argument.paramLabel()) + (argument.arity().max() > 1 ? "..." : "");
        return argument.arity().min() == 0 ? "[" + label + "]" : label;
    }

    private void exitStatus(Page page, CommandSpec command) {
        page.section("EXIT STATUS");
        command.usageMessage().exitCodeList().forEach((code, text) -> page.item(bold(code.strip()), capitalised(text) + "."));
    }

    private Map<String, String> environment() {
        var variables = new LinkedHashMap<String, String>();
        variables.put("STOREIT_CTL_CONFIG", "Configuration file to read in place of those under FILES.");
        for (Settings.Key key : Settings.Key.values()) {
            OptionSpec option = key.option == null ? null : Value.find(root, key.option);
            String text = option != null ? "As " + key.option + ": " + Value.description(option) : switch (key) {
                case AUTH_COOKIE -> "Cookie header of a session of that administrator, in place of name and password.";
                case UPDATE_CHECK -> "\"no\": status shows no newer release, and doctor does not look for one.";
                default -> throw new IllegalStateException("a setting without an option: " + key);
            };
            variables.put(key.variable(), text);
        }
        variables.put("STOREIT_CTL_JAVA", "The java to run with (default: that of JAVA_HOME, else the one in PATH).");
        variables.put("STOREIT_CTL_JAVA_OPTS", "More options for it.");
        variables.put("STOREIT_CTL_CACHE", "Folder of the start-up cache (default: $XDG_CACHE_HOME/storeit-ctl).");
        variables.put("NO_COLOR", "If set, no colours.");
        return variables;
    }

    private static Map<String, String> files() {
        var files = new LinkedHashMap<String, String>();
        files.put("$XDG_CONFIG_HOME/storeit/ctl.conf", "Settings of a user, lines key = value. The keys are the names of the variables above in lower case, without STOREIT_CTL_. "
                + "Options come before variables, these before the file; storeit-ctl config shows what counts. Default: ~/.config/storeit/ctl.conf.");
        files.put("/etc/storeit/ctl.conf", "Settings for everybody on this machine; those of the user come first.");
        files.put("$XDG_STATE_HOME/storeit-ctl", "Where installations are that were seen, and when they were saved last. Default: ~/.local/state/storeit-ctl.");
        files.put("DATABASE.migration-journal", "What an upgrade, a downgrade or a rollback is doing, or has kept.");
        files.put("DATABASE.pre-import", "The database that was replaced, until cleanup. The binary that was replaced ends in .pre-upgrade or .pre-downgrade.");
        return files;
    }

    private static String capitalised(String text) {
        return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    private static String bold(String text) {
        return "\\fB" + escaped(text) + "\\fR";
    }

    private static String italic(String text) {
        return "\\fI" + escaped(text) + "\\fR";
    }

    /** A hyphen of text would be a typographic one, which cannot be copied into a shell nor searched for. */
    private static String escaped(String text) {
        return text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga").replace("^", "\\(ha").replace("~", "\\(ti");
    }

    /** One page while it is being written. */
    private static final class Page {
        private final StringBuilder text = new StringBuilder();

        Page(String name, String purpose) {
            line(".\\\" Made by make prepare.");
            line(".TH " + escaped(name).toUpperCase(Locale.ROOT) + " 1 \"\" StoreIT \"Manual of StoreIT\"");
            // No words divided at line ends: what one searches for would not be found.
            line(".nh").line(".ad l");
            section("NAME").line(escaped(name) + " \\- " + escaped(purpose.replaceFirst("\\.$", "")));
        }

        Page section(String title) {
            return line(".SH " + title);
        }

        Page text(String paragraph) {
            // A line that begins with one of these would be a request.
            return line(escaped(paragraph).replaceFirst("^(?=[.'])", "\\\\&"));
        }

        Page item(String head, String body) {
            line(".TP").line(head);
            return body.isEmpty() ? this : text(body);
        }

        void option(OptionSpec option) {
            String value = Value.takesValue(option) ? option.paramLabel() : null;
            item(Stream.of(option.names()).map(name -> bold(name) + (value == null ? "" : (name.startsWith("--") ? "=" : " ") + italic(value)))
                    .collect(Collectors.joining(", ")), Value.description((ArgSpec) option));
        }

        Page line(String line) {
            text.append(line).append('\n');
            return this;
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
