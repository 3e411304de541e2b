// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.control;

import dev.obolus.sandbox.entra.App;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.entra.SigningKeys;
import dev.obolus.sandbox.entra.Standing;
import dev.obolus.sandbox.entra.endpoint.EntraApi;
import dev.obolus.sandbox.entra.rules.Rule;
import dev.obolus.sandbox.journal.Journal;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One page, without a script, whose forms send the same commands as the JSON API takes. */
final class ControlPage {
  private static final int NEWEST = 14;
  private final EntraApi entra;
  private final Journal journal;

  ControlPage(EntraApi entra, Journal journal) {
    this.entra = entra;
    this.journal = journal;
  }

  String html(String nonce) {
    return head(nonce)
        + "<section class=wide><h2>Rules</h2>"
        + rules()
        + newRule()
        + "</section><section><h2>Users</h2>"
        + users()
        + "</section><section><h2>Applications</h2>"
        + apps()
        + "<h2>Keys</h2>"
        + keys()
        + "<h2>All of it</h2>"
        + form("reset", "<button>Everything as at the start</button>")
        + "</section><section><h2>Consent</h2>"
        + consents()
        + "</section><section class=wide><h2>Journal</h2>"
        + journal()
        + "</section></main></html>";
  }

  private String rules() {
    List<Rule> all = entra.rules().all();
    if (all.isEmpty()) {
      return "<p>No rule: every call that is right succeeds.</p>";
    }
    return table(
        "When|Then|Happened|",
        all.stream()
            .map(rule -> row(when(rule), escape(then(rule)), happened(rule), remove(rule))));
  }

  private static String when(Rule rule) {
    String conditions =
        new TreeMap<>(rule.when())
            .entrySet().stream()
                .map(one -> one.getKey() + " " + one.getValue())
                .collect(Collectors.joining(", "));
    return conditions.isEmpty() ? "always" : escape(conditions);
  }

  private static String then(Rule rule) {
    return rule.times() == 0 ? rule.word() : rule.word() + ", at most " + rule.times() + " times";
  }

  private String happened(Rule rule) {
    return String.valueOf(entra.rules().fired(rule.id()));
  }

  private static String remove(Rule rule) {
    return form("remove-rule", hidden("rule", rule.id()) + "<button>Remove</button>");
  }

  private static String newRule() {
    return form(
        "rule",
        "<fieldset><legend>A new rule</legend>"
            + select("then", Rule.WORDS)
            + " when "
            + select("user", or("any user", Directory.users().stream().map(Directory.User::name)))
            + select("client", or("any client", Directory.apps().stream().map(App::name)))
            + select("resource", or("any resource", apis()))
            + select(
                "call",
                or(
                    "any call",
                    Stream.of(
                        "obo",
                        "refresh",
                        "code",
                        "client",
                        "device",
                        "sign-in",
                        "keys",
                        "metadata")))
            + input("times", "times")
            + input("seconds", "seconds")
            + input("minutes", "minutes")
            + input("aadsts", "AADSTS, to refuse")
            + "<button>Add</button></fieldset>");
  }

  private String users() {
    return table(
        "Name|Tenant|May sign in|Groups|",
        Directory.users().stream()
            .map(user ->
                row(
                    escape(user.name()),
                    Directory.tenant(user.tenant()).map(Directory.Tenant::name).orElse("?"),
                    account(user),
                    groups(user),
                    form("revoke", hidden("user", user.name()) + "<button>Revoke</button>"))));
  }

  private String account(Directory.User user) {
    boolean active = entra.standing().account(user) == Standing.Account.ACTIVE;
    return form(
        "user",
        hidden("user", user.name())
            + hidden("state", active ? "disabled" : "active")
            + (active ? "yes " : "no ")
            + "<button>"
            + (active ? "Disable" : "Enable")
            + "</button>");
  }

  private String groups(Directory.User user) {
    boolean many = entra.standing().hasManyGroups(user);
    return form(
        "user",
        hidden("user", user.name())
            + hidden("many_groups", String.valueOf(!many))
            + (many ? "too many " : user.groups().size() + " ")
            + "<button>"
            + (many ? "Few" : "Many")
            + "</button>");
  }

  private String apps() {
    return table(
        "API|Tokens|Life",
        apiApps()
            .map(app -> {
              int version = entra.standing().tokenVersion(app);
              return row(
                  escape(app.name()),
                  form(
                      "app",
                      hidden("app", app.name())
                          + hidden("token_version", version == 1 ? "2" : "1")
                          + "v"
                          + version
                          + ".0 <button>Change</button>"),
                  entra.standing().tokenLife(app).toSeconds() + " s");
            }));
  }

  private String consents() {
    Directory.Tenant home = Directory.tenant("home").orElseThrow();
    return table(
            "Client|May ask for|",
            Directory.apps().stream()
                .flatMap(client ->
                    apiApps()
                        .filter(api -> !api.equals(client))
                        .filter(api -> entra.standing().isConsented(home, client, api))
                        .map(api ->
                            row(escape(client.name()), escape(api.name()), take(client, api)))))
        + form(
            "consent",
            "<fieldset><legend>Give at home</legend>"
                + select("client", Directory.apps().stream().map(App::name).toList())
                + select("resource", apis().toList())
                + "<button>Give</button></fieldset>");
  }

  private static String take(App client, App api) {
    return form(
        "consent",
        hidden("client", client.name())
            + hidden("resource", api.name())
            + hidden("given", "false")
            + "<button>Take away</button>");
  }

  private String keys() {
    String list =
        entra.keys().published().stream()
            .map(SigningKeys.Published::key)
            .map(key ->
                "<code>"
                    + escape(key.getKeyID().substring(0, 8))
                    + "</code>"
                    + (key.equals(entra.keys().signing()) ? " signs" : ""))
            .collect(Collectors.joining(" · "));
    return "<p>"
        + list
        + "</p>"
        + form("rotate-keys", "<button>New key, keep the old</button>")
        + form(
            "rotate-keys", hidden("old", "removed") + "<button>New key, remove the old</button>");
  }

  private String journal() {
    List<Journal.Entry> entries = journal.entries();
    return table(
        "At|Door|Call|Who|More",
        entries.subList(Math.max(0, entries.size() - NEWEST), entries.size()).reversed().stream()
            .map(entry ->
                row(
                    entry.at().toString().substring(11, 19),
                    escape(entry.door()),
                    escape(entry.call()),
                    escape(who(entry)),
                    escape(
                        entry.more().entrySet().stream()
                            .filter(one -> !one.getKey().equals("correlation_id"))
                            .filter(one -> !one.getKey().equals("user"))
                            .map(one -> one.getKey() + " " + one.getValue())
                            .sorted()
                            .collect(Collectors.joining(", "))))));
  }

  private static String who(Journal.Entry entry) {
    String id = entry.more().getOrDefault("user", entry.person());
    return Directory.user(id).map(Directory.User::name).orElse(id);
  }

  private static Stream<App> apiApps() {
    return Directory.apps().stream().filter(app -> app.appIdUri().isPresent());
  }

  private static Stream<String> apis() {
    return apiApps().map(App::name);
  }

  private static List<String> or(String any, Stream<String> names) {
    return Stream.concat(Stream.of("=" + any), names).toList();
  }

  /** An option that begins with an equals sign stands for nothing chosen. */
  private static String select(String name, List<String> options) {
    return "<select name=%s aria-label=%s>".formatted(name, name)
        + options.stream()
            .map(option ->
                option.startsWith("=")
                    ? "<option value=\"\">" + escape(option.substring(1)) + "</option>"
                    : "<option>" + escape(option) + "</option>")
            .collect(Collectors.joining())
        + "</select> ";
  }

  private static String input(String name, String label) {
    return "<input name=%s size=8 placeholder=\"%s\" aria-label=\"%s\"> "
        .formatted(name, label, label);
  }

  private static String hidden(String name, String value) {
    return "<input type=hidden name=\"%s\" value=\"%s\">".formatted(name, escape(value));
  }

  private static String form(String command, String content) {
    return "<form method=post action=\"/sandbox/entra/%s\">%s</form>".formatted(command, content);
  }

  private static String table(String heads, Stream<String> rows) {
    return "<table><tr>"
        + Arrays.stream(heads.split("\\|", -1))
            .map(head -> "<th scope=col>" + head + "</th>")
            .collect(Collectors.joining())
        + "</tr>"
        + rows.collect(Collectors.joining())
        + "</table>";
  }

  private static String row(String... cells) {
    return "<tr>"
        + Arrays.stream(cells).map(cell -> "<td>" + cell + "</td>").collect(Collectors.joining())
        + "</tr>";
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  private static String head(String nonce) {
    return """
    <!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
    <meta name="color-scheme" content="light dark"><title>Sandbox</title>
    <style nonce="%s">
    body{font:14px/1.4 system-ui,sans-serif;margin:0;background:light-dark(#f5f7fa,#0d1117);color:light-dark(#131a26,#e7ecf3)}
    main{padding:1rem;display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(26rem,1fr))}
    h1{font-size:1.2rem;margin:1rem 1rem 0}h2{font-size:1rem;margin:0 0 .4rem}table+h2,form+h2{margin-top:1rem}p{margin:.3rem 0}.lead{margin:0 1rem}
    section{background:light-dark(#fff,#141a23);border:1px solid light-dark(#cdd4df,#2b3542);border-radius:6px;padding:.8rem;overflow-x:auto}
    .wide{grid-column:1/-1}table{border-collapse:collapse;width:100%%}th{text-align:left;font-weight:600}
    td,th{padding:.15rem .35rem .15rem 0;border-bottom:1px solid light-dark(#e4e8ef,#222b37);white-space:nowrap}
    form{display:inline}fieldset{border:0;padding:0;margin:.6rem 0 0}legend{font-weight:600;padding:0}
    button,select,input{font:inherit;color:inherit;background:light-dark(#fff,#1b232e);border:1px solid light-dark(#7c889b,#6b7a90);border-radius:4px;padding:.1rem .5rem}
    button{cursor:pointer}:focus-visible{outline:2px solid light-dark(#3f4bc9,#9aa5ff);outline-offset:1px}
    </style><h1>The stand-in Entra</h1><p class=lead>What is scripted here lasts until it is removed or the sandbox ends.</p><main>
    """
        .formatted(nonce);
  }
}
