package io.storeit.ops.base;

import io.storeit.interchange.base.Quoted;
import io.storeit.interchange.inspect.RecordDifference;
import io.storeit.interchange.schema.LossReport;
import io.storeit.interchange.schema.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes counts, sizes and lists as messages show them. */
public final class Words {
    private Words() {}

    /** Writes a size, such as {@code 1.5 MB}. */
    public static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }

    /** Lists the first five, and how many more there are. */
    public static String few(List<?> things) {
        String text = String.join(", ", things.stream().limit(5).map(String::valueOf).toList());
        return things.size() > 5 ? text + " and " + (things.size() - 5) + " more" : text;
    }

    /** Writes counts such as {@code 318 items, 31 photos}. @param counts by the tables' keys */
    public static String contents(Map<String, Long> counts, Table... tables) {
        return Stream.of(tables).map(table -> counted(counts.getOrDefault(table.key(), 0L), table.label(), table.label() + "s"))
                .collect(Collectors.joining(", "));
    }

    /** Writes a number and its noun, such as {@code 1 photo}. */
    public static String counted(long number, String one, String many) {
        return number + " " + (number == 1 ? one : many);
    }

    /** Puts a text on one line of at most 300 characters. */
    public static String shortened(String text) {
        String line = text.strip().replaceAll("\\s+", " ");
        return line.length() > 300 ? line.substring(0, 300) + "..." : line;
    }

    /** Writes a difference such as {@code 3 items added, 1 item changed}. */
    public static String difference(Map<Table, RecordDifference.Difference> difference) {
        var parts = new ArrayList<String>();
        difference.forEach((table, found) -> {
            count(parts, found.added(), table, "added");
            count(parts, found.changed(), table, "changed");
            count(parts, found.removed(), table, "removed");
        });
        return parts.isEmpty() ? "nothing" : String.join(", ", parts);
    }

    private static void count(List<String> parts, long records, Table table, String what) {
        if (records > 0) parts.add(counted(records, table.label(), table.label() + "s") + " " + what);
    }

    /** Writes a loss such as {@code items: serial_number of 2 records (Drill, Saw)}. */
    public static String loss(LossReport.Loss loss) {
        String examples = few(loss.examples().stream().map(example -> Quoted.bare(example.name())).toList());
        if (loss.field().equals("_password_hash")) {
            return "the " + (loss.records() == 1 ? "password" : "passwords") + " of " + counted(loss.records(), "user", "users") + ": "
                    + examples.replace("local:", "");
        }
        return Quoted.bare(loss.table()) + ": " + Quoted.bare(loss.field()) + " of " + counted(loss.records(), "record", "records") + " (" + examples + ")";
    }
}
