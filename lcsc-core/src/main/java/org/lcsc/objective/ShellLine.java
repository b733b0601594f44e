package org.lcsc.objective;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Set;

/** A line for the shell with paths put into it. Stateless and thread-safe. */
public final class ShellLine {

  private ShellLine() {}

  /**
   * Puts a path where its placeholder stands: within quotes of the line it is escaped for these,
   * elsewhere it gets quotes where it needs them.
   *
   * @param paths by their placeholders, such as {@code {model}}; an empty one is an empty word
   * @param windows whether the shell is {@code cmd}, which knows double quotes alone, within which
   *     of a path's characters only {@code %NAME%} is special, and cannot be escaped
   */
  static String of(String line, Map<String, String> paths, boolean windows) {
    StringBuilder text = new StringBuilder();
    // What is open, the innermost first: a quote, or ( of a command within another.
    Deque<Character> open = new ArrayDeque<>();
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      char in = open.isEmpty() ? '(' : open.peek();
      String placeholder = placeholder(line, i, paths.keySet());
      if (placeholder != null) {
        String path = paths.get(placeholder);
        text.append(windows ? forCmd(path, in) : forPosix(path, in));
        i += placeholder.length() - 1;
        continue;
      }
      text.append(c);
      if (windows) {
        if (c == '"' && open.poll() == null) {
          open.push(c);
        }
      } else if (c == '\\' && in != '\'' && i + 1 < line.length()) {
        text.append(line.charAt(++i));
      } else if (c == '#'
          && in == '('
          && (i == 0 || " \t\n;&|()".indexOf(line.charAt(i - 1)) >= 0)) {
        // A comment, in which an apostrophe opens nothing.
        for (; i + 1 < line.length() && line.charAt(i + 1) != '\n'; i++) {
          text.append(line.charAt(i + 1));
        }
      } else if (in == c) {
        if (c == '(') {
          open.push(c);
        } else {
          open.pop();
        }
      } else if (in == '(' && (c == '\'' || c == '"')) {
        open.push(c);
      } else if (in == '"' && line.startsWith("$(", i)) {
        text.append(line.charAt(++i));
        open.push('(');
      } else if (in == '(' && c == ')') {
        open.poll();
      }
    }
    return text.toString();
  }

  private static String placeholder(String line, int at, Set<String> placeholders) {
    return placeholders.stream().filter(p -> line.startsWith(p, at)).findFirst().orElse(null);
  }

  /** A text as one word for a POSIX shell, in quotes where it needs them. */
  public static String word(String text) {
    return text.matches("[\\w./+@%-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
  }

  private static String forPosix(String path, char in) {
    return switch (in) {
      case '"' -> path.replaceAll("([\\\\\"$`])", "\\\\$1");
      case '\'' -> path.replace("'", "'\\''");
      default -> word(path);
    };
  }

  private static String forCmd(String path, char in) {
    return in == '"' || path.matches("[\\w.:\\\\/+@-]+") ? path : '"' + path + '"';
  }
}
