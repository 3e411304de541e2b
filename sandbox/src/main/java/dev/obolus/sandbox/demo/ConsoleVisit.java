// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The console as a browser without scripts uses it: signs in, reads pages, sends forms. */
public final class ConsoleVisit {
  private static final Pattern HIDDEN =
      Pattern.compile("<input type=\"?hidden\"? name=\"([^\"]*)\" value=\"([^\"]*)\">");
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final String console;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .cookieHandler(new CookieManager())
          .followRedirects(HttpClient.Redirect.NORMAL)
          .build();

  private ConsoleVisit(String console) {
    this.console = console;
  }

  /** Signs in at the stand-in Entra's pick-a-user page. */
  public static ConsoleVisit signIn(String console, String user) throws IOException {
    ConsoleVisit visit = new ConsoleVisit(console);
    HttpResponse<String> picking = visit.get(URI.create(console + "/audit"));
    String form = picking.body().split("</form>", 2)[0];
    HttpResponse<String> arrived =
        visit.post(picking.uri(), hiddenFields(form) + "&user=" + encoded(user));
    if (arrived.statusCode() != 200 || !arrived.uri().getPath().startsWith("/audit")) {
      throw new IOException(
          "the sign-in of " + user + " ended at " + arrived.uri() + ": " + arrived.statusCode());
    }
    return visit;
  }

  /** A page's HTML. */
  public String page(String path) throws IOException {
    HttpResponse<String> page = get(URI.create(console + path));
    if (page.statusCode() != 200) {
      throw new IOException(path + " answered " + page.statusCode());
    }
    return page.body();
  }

  /** Presses the button of the form on {@code page} that goes to {@code action}. */
  public String press(String page, String action) throws IOException {
    String html = page(page);
    int at = html.indexOf("action=\"" + action + "\"");
    if (at < 0) {
      throw new IOException("no form on " + page + " goes to " + action);
    }
    String form = html.substring(at, html.indexOf("</form>", at));
    return post(URI.create(console + action), hiddenFields(form)).body();
  }

  /** The live stream, as long as the caller reads it. */
  public InputStream stream() throws IOException {
    return send(
            request(URI.create(console + "/stream")).header("Accept", "text/event-stream").GET(),
            BodyHandlers.ofInputStream())
        .body();
  }

  private HttpResponse<String> get(URI uri) throws IOException {
    return send(request(uri).GET(), BodyHandlers.ofString());
  }

  private HttpResponse<String> post(URI uri, String form) throws IOException {
    return send(
        request(uri)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(form)),
        BodyHandlers.ofString());
  }

  private static HttpRequest.Builder request(URI uri) {
    return HttpRequest.newBuilder(uri).timeout(PATIENCE).header("Accept", "text/html,*/*;q=0.1");
  }

  private <T> HttpResponse<T> send(HttpRequest.Builder request, BodyHandler<T> body)
      throws IOException {
    try {
      return http.send(request.build(), body);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("interrupted").initCause(e);
    }
  }

  private static String hiddenFields(String form) {
    List<String> fields = new ArrayList<>();
    Matcher field = HIDDEN.matcher(form);
    while (field.find()) {
      fields.add(encoded(unescaped(field.group(1))) + "=" + encoded(unescaped(field.group(2))));
    }
    return String.join("&", fields);
  }

  private static String unescaped(String html) {
    return html.replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
