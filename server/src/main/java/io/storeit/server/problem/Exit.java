package io.storeit.server.problem;

/** The exit codes of the program, shown by {@code --help}. */
public enum Exit {
    OK(0, "Done, also when there was nothing to do."),
    FAILED(1, "Refused or failed for the printed reason; the database is unchanged."),
    USAGE(2, "Wrong arguments or settings; nothing was changed."),
    INTERNAL(70, "Internal error; the log has the details.");

    private final int code;
    private final String meaning;

    Exit(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    public int code() {
        return code;
    }

    public String meaning() {
        return meaning;
    }
}
