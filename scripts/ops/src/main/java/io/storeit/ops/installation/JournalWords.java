package io.storeit.ops.installation;

import java.nio.file.Files;

/** Describes a {@link Journal} for people. */
final class JournalWords {
    private JournalWords() {}

    static String progress(Journal journal) {
        return what(journal) + ", running step " + step(journal);
    }

    private static String what(Journal journal) {
        return journal.direction().json() + " " + journal.from().version() + " -> " + journal.to().version();
    }

    private static String step(Journal journal) {
        return journal.step() == null ? "" : journal.step().json();
    }

    static String summary(Journal journal) {
        String what = what(journal);
        return switch (journal.state()) {
            case PREPARING -> what + ", interrupted at step " + step(journal) + ", before any change";
            case RUNNING -> what + ", interrupted at step " + step(journal);
            case UNDOING -> what + ", interrupted during the undo at step " + step(journal);
            case COMMITTED -> what + ", committed " + journal.endedAt();
            case UNDONE -> what + ", undone " + journal.endedAt() + (journal.failure() == null ? "" : ": " + journal.failure());
        };
    }

    static String advice(Journal journal) {
        if (journal.interrupted()) return "'storeit-ctl resume' completes or undoes it";
        return journal.rollbackable().map(last -> "'storeit-ctl rollback' goes back to " + last.from().version()
                + ", 'storeit-ctl cleanup' removes the rollback point").orElse(null);
    }

    static String whereThingsAre(Journal journal) {
        var text = new StringBuilder("Database: " + journal.installation().database() + "\nBinary: " + journal.installation().binary());
        Pair kept = journal.kept();
        String version = journal.from().version();
        if (kept != null && Files.exists(kept.database())) text.append("\nDatabase of ").append(version).append(": ").append(kept.database());
        if (kept != null && Files.exists(kept.binary())) text.append("\nBinary of ").append(version).append(": ").append(kept.binary());
        if (journal.backup() != null) text.append("\nSafety backup: ").append(journal.backup().archive());
        return text.toString();
    }
}
