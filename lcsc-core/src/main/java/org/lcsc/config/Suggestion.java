package org.lcsc.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/**
 * The end of a message about an unknown name: the near miss, then all names.
 *
 * <p>Stateless and thread-safe.
 */
public final class Suggestion {

  private Suggestion() {}

  /** {@code " (did you mean x?), allowed: x, y"}, the first part only where a name is near. */
  public static String of(String given, Collection<String> names) {
    String near = nearest(given, names).map(n -> " (did you mean " + n + "?)").orElse("");
    return near + ", allowed: " + String.join(", ", names);
  }

  private static Optional<String> nearest(String given, Collection<String> names) {
    String plain = plain(given);
    // A third of the name may be wrong: one letter of a short name, never a wholly different one.
    return names.stream()
        .filter(name -> distance(plain, plain(name)) <= Math.max(1, plain(name).length() / 3))
        .min(Comparator.comparingInt(name -> distance(plain, plain(name))));
  }

  /** search_at, search-at and SearchAt are the same slip. */
  private static String plain(String name) {
    String cut = name.length() > 100 ? name.substring(0, 100) : name;
    return cut.replaceAll("[-_ .]", "").toLowerCase(Locale.ROOT);
  }

  /** Edit distance with swaps of neighbours (optimal string alignment). */
  private static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + change);
        boolean swap =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (swap) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
