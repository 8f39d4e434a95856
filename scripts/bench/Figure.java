package io.storeit.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One line of the table: what was measured, the yardstick measured beside it in the same rounds, and what is to be reached.
 * Every sample is kept, the median counts.
 */
final class Figure {

    private static final String LINE = "%-34s %9s %9s %-18s %5s %5s  %-3s %s";

    /** What the samples are; those of the yardstick are the same. */
    private enum Unit {
        SECONDS("s"),
        PER_SECOND("per_s"),
        MEBIBYTES("mib");

        private final String suffix;

        Unit(String suffix) {
            this.suffix = suffix;
        }

        private String shown(double value) {
            return switch (this) {
                case SECONDS -> time(value);
                case PER_SECOND -> String.format(Locale.ROOT, "%,d/s", Math.round(value));
                case MEBIBYTES -> Math.round(value) + " MiB";
            };
        }
    }

    private final String what;
    private final Unit unit;
    private final Samples ours;
    private String value;
    private String yardstick = "";
    private Samples beside = new Samples(List.of());
    private long peakBytes;
    private final List<String> goals = new ArrayList<>();
    private boolean reached = true;
    private final boolean certain;
    private final ObjectNode more = JsonNodeFactory.instance.objectNode();

    /** Measured values in the order of the rounds. */
    record Samples(List<Double> values) {
        boolean isEmpty() {
            return values.isEmpty();
        }

        double median() {
            List<Double> sorted = values.stream().sorted().toList();
            int middle = sorted.size() / 2;
            return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
        }

        private ObjectNode json(Unit unit) {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            if (!isEmpty()) {
                json.put("median_" + unit.suffix, median());
            }
            values.forEach(json.putArray("samples_" + unit.suffix)::add);
            return json;
        }
    }

    private Figure(String what, Unit unit, List<Double> values) {
        this.what = what;
        this.unit = unit;
        ours = new Samples(values);
        value = unit.shown(ours.median());
        certain = false;
    }

    /** A time. */
    Figure(String what, List<Double> seconds) {
        this(what, Unit.SECONDS, seconds);
    }

    /** How many of something a second has room for; the ratio is the share of the yardstick's. */
    static Figure rate(String what, double perSecond) {
        return new Figure(what, Unit.PER_SECOND, List.of(perSecond));
    }

    static Figure memory(String what, long bytes) {
        return new Figure(what, Unit.MEBIBYTES, List.of(bytes / 1048576.0));
    }

    /** A number of things that must not have happened, on however slow a machine. */
    Figure(String what, int count) {
        this.what = what;
        unit = Unit.SECONDS;
        ours = new Samples(List.of());
        value = String.valueOf(count);
        certain = true;
        more.put("count", count);
        goal("0", count == 0);
    }

    /** Puts a yardstick beside it; without samples the yardstick is not installed here. */
    Figure beside(String name, List<Double> samples) {
        yardstick = samples.isEmpty() ? "SKIPPED: " + name : name;
        beside = new Samples(samples);
        return this;
    }

    Figure peak(long bytes) {
        peakBytes = bytes;
        return this;
    }

    /** A fact for the JSON. */
    Figure note(String key, double number) {
        more.put(key, number);
        return this;
    }

    Figure atMostTimes(double ratio) {
        if (!beside.isEmpty()) {
            goal("<= " + plain(ratio) + "x", ratio() <= ratio);
        }
        return this;
    }

    Figure atMostSeconds(double seconds) {
        return goal("<= " + time(seconds), ours.median() <= seconds);
    }

    Figure atLeastPerSecond(double rate) {
        return goal(">= " + Unit.PER_SECOND.shown(rate), ours.median() >= rate);
    }

    /** Of the slowest hundredth of all answers the fastest. */
    Figure slowest(double seconds) {
        value += ", p99 " + time(seconds);
        return note("p99_s", seconds);
    }

    Figure slowestAtMost(double seconds, double limit) {
        return slowest(seconds).goal("p99 <= " + time(limit), seconds <= limit);
    }

    Figure atMostMebibytes(int mebibytes) {
        return goal("<= " + mebibytes + " MiB", ours.median() <= mebibytes);
    }

    Figure atMostMemory(int mebibytes) {
        // Only Linux says how much memory a process has had.
        return peakBytes == 0 ? this : goal("<= " + mebibytes + " MiB", peakBytes <= (long) mebibytes << 20);
    }

    private Figure goal(String goal, boolean isReached) {
        goals.add(goal);
        reached &= isReached;
        return this;
    }

    /** Whether what must never happen has happened; a time that was not reached is no such thing. */
    boolean failed() {
        return certain && !reached;
    }

    private double ratio() {
        return ours.median() / beside.median();
    }

    static String header() {
        return LINE.formatted("", "StoreIT", "yardstick", "", "ratio", "MiB", "", "to reach").stripTrailing();
    }

    String line() {
        boolean compared = !beside.isEmpty() && !ours.isEmpty();
        return LINE.formatted(what, value, beside.isEmpty() ? "" : unit.shown(beside.median()), yardstick,
                compared ? String.format(Locale.ROOT, "%.2f", ratio()) : "",
                peakBytes == 0 ? "" : String.valueOf(Math.round(peakBytes / 1048576.0)),
                goals.isEmpty() ? "" : reached ? "ok" : "NO", String.join(", ", goals)).stripTrailing();
    }

    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("what", what);
        json.set("storeit", ours.json(unit));
        if (!yardstick.isEmpty()) {
            json.set("yardstick", beside.json(unit).put("name", yardstick));
            if (!beside.isEmpty() && !ours.isEmpty()) {
                json.put("ratio", ratio());
            }
        }
        if (peakBytes > 0) {
            json.put("peak_bytes", peakBytes);
        }
        goals.forEach(json.putArray("goals")::add);
        json.put("reached", reached);
        json.setAll(more);
        return json;
    }

    private static String time(double seconds) {
        return seconds < 1 ? Math.round(seconds * 1000) + " ms" : String.format(Locale.ROOT, "%.2f s", seconds);
    }

    private static String plain(double number) {
        return number == Math.rint(number) ? String.valueOf((long) number) : String.valueOf(number);
    }
}
