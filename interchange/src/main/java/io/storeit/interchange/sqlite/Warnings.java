package io.storeit.interchange.sqlite;

import java.util.ArrayList;
import java.util.List;

/** Collects warnings about single records in little memory: the first are kept, the rest are counted. */
public final class Warnings {

    private static final int KEPT = 200;

    private final List<String> first = new ArrayList<>();
    private long all;

    /** Adds a warning. */
    public void add(String warning) {
        all++;
        if (first.size() < KEPT) {
            first.add(warning);
        }
    }

    /** Returns the first warnings, then a line that counts the rest. */
    public List<String> lines() {
        var lines = new ArrayList<>(first);
        if (all > first.size()) {
            lines.add("... and " + (all - first.size()) + " more");
        }
        return lines;
    }
}
