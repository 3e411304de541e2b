// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a page of the console cries out, as plain text. */
public final class Alarm {
  private static final Pattern ALERT =
      Pattern.compile("<section class=\"broken\"[^>]*>(.*?)</section>", Pattern.DOTALL);

  private Alarm() {}

  /** Empty if the page is calm. */
  public static String on(String page) {
    Matcher alert = ALERT.matcher(page);
    return alert.find()
        ? alert
            .group(1)
            .replaceAll("<svg.*?</svg>", "")
            .replaceAll("<[^>]*>", " ")
            .replaceAll("\\s+", " ")
            .strip()
        : "";
  }
}
