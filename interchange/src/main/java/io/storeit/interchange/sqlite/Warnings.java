package io.storeit.interchange.sqlite;

import java.util.ArrayList;
import java.util.List;

/** Remarks about single records, in little memory: the first are kept, the rest are counted. */
public final class Notes {

    private static final int KEPT = 200;

    private final List<String> first = new ArrayList<>();
    private long all;

    /** Adds a remark. */
    public void add(String note) {
        all++;
        if (first.size() < KEPT) {
            first.add(note);
        }
    }

    /** Returns the first remarks, then a line that counts the rest. */
    public List<String> lines() {
        var lines = new ArrayList<>(first);
        if (all > first.size()) {
            lines.add("... and " + (all - first.size()) + " more");
        }
        return lines;
    }
}
