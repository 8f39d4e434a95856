package io.storeit.server.problem;

/** Exit codes of the program, shown by {@code --help}. */
public enum Exit {
    OK(0, "Done, also when there was nothing to do."),
    FAILED(1, "Refused or failed for the reason printed; the database is as it was."),
    USAGE(2, "Wrong arguments or settings; nothing was touched."),
    INTERNAL(70, "Unexpected error of the program itself; the log has the details.");

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
