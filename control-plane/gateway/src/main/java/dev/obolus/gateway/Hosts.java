// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import java.util.Locale;
import java.util.regex.Pattern;

/** What can be said of a host from its name alone, without asking anybody. */
public final class Hosts {
  private static final String OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
  private static final Pattern LOOPBACK_V4 = Pattern.compile("127(\\." + OCTET + "){3}");
  private static final Pattern PRIVATE_V4 =
      Pattern.compile(
          "(10\\." + OCTET + "|172\\.(1[6-9]|2\\d|3[01])|192\\.168)(\\." + OCTET + "){2}");
  private static final Pattern PRIVATE_V6 = Pattern.compile("f[cd][0-9a-f]{2}:[0-9a-f:]+");
  private static final Pattern ONE_WORD = Pattern.compile("[a-z][a-z0-9_-]*");

  private Hosts() {}

  /** This machine: {@code localhost}, {@code 127.…} or {@code ::1}. */
  public static boolean isLoopback(String host) {
    String name = plain(host);
    return name.equals("localhost")
        || name.equals("::1")
        || name.equals("0:0:0:0:0:0:0:1")
        || LOOPBACK_V4.matcher(name).matches();
  }

  /**
   * This machine or one beside it: loopback, an address of a private network (RFC 1918, RFC 4193),
   * or a name of one word, which only the local network's own naming knows.
   */
  public static boolean isNear(String host) {
    String name = plain(host);
    return isLoopback(name)
        || PRIVATE_V4.matcher(name).matches()
        || PRIVATE_V6.matcher(name).matches()
        || ONE_WORD.matcher(name).matches();
  }

  private static String plain(String host) {
    return host.toLowerCase(Locale.ROOT).replaceAll("[\\[\\]]", "");
  }
}
