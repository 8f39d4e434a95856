package io.storeit.ctl;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ScopeType;

/** What a shell may put in the place of an option's value or of an argument. */
enum Value {
    /** Nothing to choose from: a number, a name, an address. */
    OTHER, FILE, FOLDER, ARCHIVE;

    /** By the label that the help shows, for a file and a folder are both a {@link Path}. */
    static Value of(ArgSpec argument) {
        String label = argument.paramLabel();
        if (label.contains("ARCHIVE")) {
            return ARCHIVE;
        }
        if (label.matches("(URL\\|)?FOLDER")) {
            return FOLDER;
        }
        return label.contains("FILE") || argument.type() == Path.class ? FILE : OTHER;
    }

    static List<OptionSpec> options(CommandSpec command) {
        return command.options().stream().filter(option -> !option.hidden()).sorted(Comparator.comparingInt(OptionSpec::order)).toList();
    }

    /** The option of this name in the first command that has it. */
    static OptionSpec find(CommandSpec root, String name) {
        return subcommands(root).stream().map(command -> command.findOption(name)).filter(Objects::nonNull).findFirst().orElseThrow();
    }

    /** The options that every command takes too. */
    static List<OptionSpec> everywhere(CommandSpec root) {
        return options(root).stream().filter(option -> option.scopeType() == ScopeType.INHERIT).toList();
    }

    /** The options of this command alone. */
    static List<OptionSpec> own(CommandSpec command) {
        return options(command).stream().filter(option -> option.scopeType() != ScopeType.INHERIT && !option.inherited()).toList();
    }

    static List<CommandSpec> subcommands(CommandSpec root) {
        return root.subcommands().values().stream().map(line -> line.getCommandSpec()).filter(command -> !command.usageMessage().hidden() && !command.helpCommand()).toList();
    }

    static boolean takesValue(OptionSpec option) {
        return option.arity().max() > 0;
    }

    /** Of the arguments that are not options; empty for a command that has none. */
    static Optional<Value> ofArguments(CommandSpec command) {
        List<PositionalParamSpec> arguments = command.positionalParameters();
        return arguments.isEmpty() ? Optional.empty() : Optional.of(of(arguments.get(0)));
    }

    static String description(ArgSpec argument) {
        return String.join(" ", argument.description()).replace("${DEFAULT-VALUE}", String.valueOf(argument.defaultValue())).replace("%%", "%");
    }

    static String description(CommandSpec command) {
        return String.join(" ", command.usageMessage().description());
    }
}
