package io.storeit.interchange.images;

import java.util.List;

/** Image files that wait in a folder of their own until the database that names them is switched to. */
public final class StagedImages {

    /** Puts the staged files in place; what {@link #discard} can still take back. */
    public void link() {
        throw new UnsupportedOperationException();
    }

    /** Takes everything back: files put in place by {@link #link} and the staging folder. */
    public void discard() {
        throw new UnsupportedOperationException();
    }

    /** After the switch: removes the staging folder; from here on nothing can be taken back. */
    public void finish() {
        throw new UnsupportedOperationException();
    }

    /** Existing files that {@link #link} replaces and keeps under another name, one line each. */
    public List<String> warnings() {
        throw new UnsupportedOperationException();
    }
}
