package io.storeit.interchange.sqlite;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Converts the text of a search field to an expression of SQLite's FTS5. All words have to be there, in any order. A quoted phrase and a
 * {@code *} after a word mean what they mean in FTS5, and the last word may be an unfinished one; everything else is taken literally, so no
 * text is an error.
 *
 * @param expression for {@code MATCH}; empty when there is nothing to look for
 * @param shorter    a weaker expression, with the beginnings of the last word in its place; empty when there is none
 * @param unfinished the last word, if it may be an unfinished one; else empty
 */
public record SearchQuery(String expression, String shorter, String unfinished) {
    /** Limits the words, because more of them do not narrow the result and each costs. */
    private static final int MOST_TERMS = 50;
    /** Limits the length of an English ending; an index entry is a word without its ending. */
    private static final int LONGEST_ENDING = 7;
    /** Sets the shortest beginning that is searched for. */
    private static final int SHORTEST_BEGINNING = 3;

    private static final Pattern TERM = Pattern.compile("\"([^\"]*)\"(\\*?)|(\\S+?)(\\**)(?=\\s|$)");
    /** Matches the words of the index: letters and numbers; everything else separates. */
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}\\p{Co}]");
    /** Matches a text that ends in a word; in {@code C++} the word is already finished. */
    private static final Pattern ENDS_IN_WORD = Pattern.compile("[\\p{L}\\p{N}\\p{Co}\\p{M}]$");
    private static final Pattern ONLY_LETTERS = Pattern.compile("\\p{L}+");
    private static final Pattern ACCENTS = Pattern.compile("\\p{M}+");
    private static final Pattern SEPARATORS = Pattern.compile("[^\\p{L}\\p{N}\\p{Co}]+");

    public static SearchQuery of(String text) {
        var terms = new ArrayList<String>();
        String unfinished = "";
        // A zero byte would end the expression for SQLite.
        Matcher matcher = TERM.matcher(text.replace('\0', ' '));
        while (matcher.find() && terms.size() < MOST_TERMS) {
            boolean phrase = matcher.group(1) != null;
            String term = phrase ? matcher.group(1) : matcher.group(3);
            if (WORD.matcher(term).find()) {
                boolean prefix = !(phrase ? matcher.group(2) : matcher.group(4)).isEmpty();
                terms.add(quoted(term) + (prefix ? " *" : ""));
                unfinished = phrase || prefix || !ENDS_IN_WORD.matcher(term).find() ? "" : term;
            }
        }
        if (unfinished.isEmpty()) {
            return new SearchQuery(String.join(" AND ", terms), "", "");
        }
        List<String> others = terms.subList(0, terms.size() - 1);
        return new SearchQuery(
                joined(others, quoted(unfinished) + " *"),
                ONLY_LETTERS.matcher(unfinished).matches() ? shorter(others, unfinished) : "",
                unfinished);
    }

    /**
     * Returns whether a text found with {@link #shorter} really has a word that begins as the unfinished one. The index holds words without
     * their endings: "electronics" is in it as "electron", and "electroni" is not a beginning of that.
     */
    public boolean isBegunIn(String text) {
        String beginning = folded(unfinished);
        return SEPARATORS.splitAsStream(folded(text)).anyMatch(word -> word.startsWith(beginning));
    }

    /** Returns the text in lower case without accents, as the index has it. */
    private static String folded(String text) {
        return ACCENTS.matcher(Normalizer.normalize(text, Normalizer.Form.NFD)).replaceAll("").toLowerCase(Locale.ROOT);
    }

    private static String shorter(List<String> others, String unfinished) {
        var beginnings = new ArrayList<String>();
        int shortest = Math.max(SHORTEST_BEGINNING, unfinished.length() - LONGEST_ENDING);
        for (int length = unfinished.length() - 1; length >= shortest; length--) {
            beginnings.add(quoted(unfinished.substring(0, length)));
        }
        return beginnings.isEmpty() ? "" : joined(others, "(" + String.join(" OR ", beginnings) + ")");
    }

    private static String joined(List<String> terms, String last) {
        var all = new ArrayList<>(terms);
        all.add(last);
        return String.join(" AND ", all);
    }

    private static String quoted(String text) {
        return '"' + text.replace("\"", "\"\"") + '"';
    }
}
