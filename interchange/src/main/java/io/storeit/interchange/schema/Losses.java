package io.storeit.interchange.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects what a conversion drops, in little memory: a count per table and field, and the first records by name. */
public final class Losses {

    /** Limits the examples kept per table and field. */
    public static final int EXAMPLES = 20;

    private record Place(Table table, String field) {
    }

    private static final class Tally {
        private long records;
        private final List<LossReport.Example> examples = new ArrayList<>();
    }

    private final Map<Place, Tally> tallies = new LinkedHashMap<>();

    /**
     * Records one value that cannot be kept.
     *
     * @param id    the record's id
     * @param name  what a person calls the record; may be empty
     * @param field the field that cannot be kept
     * @param value what it held
     */
    public void add(Table table, String id, String name, String field, JsonNode value) {
        Tally tally = tallies.computeIfAbsent(new Place(table, field), place -> new Tally());
        tally.records++;
        if (tally.examples.size() < EXAMPLES) {
            tally.examples.add(new LossReport.Example(id, name, value.isTextual() ? value.textValue() : value.toString()));
        }
    }

    public LossReport report() {
        return new LossReport(tallies.entrySet().stream()
                .map(entry -> new LossReport.Loss(
                        entry.getKey().table().key(), entry.getKey().field(), entry.getValue().records, entry.getValue().examples))
                .toList());
    }
}
