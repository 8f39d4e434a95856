package io.storeit.ops.console;

import java.util.List;

/** Shows what {@code --dry-run} found: the steps that a command would do, and the questions that it would ask. */
public record Plan(boolean dryRun, List<String> steps, List<String> questions) implements Result {
    public static Plan of(Console console, List<String> steps) {
        return new Plan(true, List.copyOf(steps), console.questions());
    }

    @Override
    public void print(Console console) {
        console.print(steps.isEmpty() ? "There is nothing to do." : "This would be done:");
        int number = 1;
        for (String step : steps) console.print("  %d. %s", number++, step);
        for (String question : questions) console.print("It would ask: %s", question);
        console.print("Nothing was changed.");
    }
}
