// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType.LaunchOptions;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The console in a real browser: live, accessible, and without a single policy violation. */
class BrowserTest extends ConsoleWorld {
  private static final List<String> TAGS =
      List.of("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa");
  private static Playwright playwright;
  private static Browser browser;

  private final List<String> complaints = new ArrayList<>();
  private BrowserContext context;

  @BeforeAll
  static void launch() {
    PlaywrightAssertions.setDefaultAssertionTimeout(30_000);
    playwright = Playwright.create();
    browser =
        playwright
            .chromium()
            .launch(
                new LaunchOptions()
                    .setExecutablePath(
                        Path.of(System.getProperty("obolus.chromium", "/usr/bin/chromium")))
                    .setArgs(
                        List.of(
                            "--no-sandbox",
                            "--disable-gpu",
                            "--disable-quic",
                            "--disable-background-networking",
                            "--disable-component-update",
                            "--disable-sync")));
  }

  @AfterAll
  static void quit() {
    browser.close();
    playwright.close();
  }

  @BeforeEach
  void fill() {
    someTraffic();
    context = browser.newContext(options(ColorScheme.LIGHT, 1440, 900));
  }

  @AfterEach
  void nothingWasComplainedAbout() {
    context.close();
    assertThat(complaints).isEmpty();
  }

  private static Browser.NewContextOptions options(ColorScheme scheme, int width, int height) {
    return new Browser.NewContextOptions().setColorScheme(scheme).setViewportSize(width, height);
  }

  private void someTraffic() {
    var records = Records.starting();
    log.add(records.signedIn(Records.OLGA));
    for (int i = 0; i < 8; i++) {
      var permit = log.add(records.allowed("d-a" + i, Records.ALICE));
      log.add(records.served("d-a" + i, permit, 17 + i * 31));
      if (i % 3 == 1) {
        log.add(records.denied("d-b" + i, Records.BOB));
      }
      if (i == 4) {
        var forecast =
            log.add(
                records.decided(
                    "d-f",
                    Records.ALICE,
                    "allow",
                    "SALES-001",
                    "main.sales.forecast",
                    Records.TENANT));
        log.add(records.failed("d-f", forecast, "source_denied", true));
        log.add(
            records.decided(
                "d-h",
                Records.ALICE,
                "approval_needed",
                "SALES-009",
                "main.sales.customers",
                Records.TENANT));
        var late = log.add(records.allowed("d-t", Records.ALICE));
        log.add(records.failed("d-t", late, "source_timed_out", false));
      }
    }
  }

  private Page page() {
    Page page = context.newPage();
    page.onConsoleMessage(this::listen);
    page.onPageError(complaints::add);
    return page;
  }

  private void listen(ConsoleMessage message) {
    if (List.of("error", "warning").contains(message.type())) {
      complaints.add(message.text());
    }
  }

  private Page live() {
    Page page = page();
    page.navigate(url() + "/audit");
    PlaywrightAssertions.assertThat(page.locator("#pulse")).hasAttribute("data-state", "live");
    return page;
  }

  private static void shoot(Page page, String name) {
    page.screenshot(
        new Page.ScreenshotOptions().setPath(Path.of("target", "screenshots", name + ".png")));
  }

  private static void accessible(Page page) {
    var violations = new AxeBuilder(page).withTags(TAGS).analyze().getViolations();
    assertThat(violations)
        .extracting(Rule::getId, rule -> rule.getNodes().getFirst().getHtml())
        .isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = ColorScheme.class,
      names = {"LIGHT", "DARK"})
  void everyPageIsAccessibleInBothThemes(ColorScheme scheme) {
    context.close();
    context = browser.newContext(options(scheme, 1440, 900));
    var word = scheme.name().toLowerCase(java.util.Locale.ROOT);
    Page page = live();
    shoot(page, "audit-" + word);
    accessible(page);

    GATEWAY.listing();
    page.locator("button.proof").click();
    PlaywrightAssertions.assertThat(page.locator(".noted")).hasCount(3);
    for (Locator noted : page.locator(".noted summary").all()) {
      noted.click();
    }
    shoot(page, "verified-" + word);
    accessible(page);
    GATEWAY.sound();
    page.locator(".said button").click();

    page.locator(".keys summary").click();
    shoot(page, "keys-" + word);
    accessible(page);
    page.locator("tr[data-tone=deny] a").first().click();
    PlaywrightAssertions.assertThat(page.locator("#check")).hasAttribute("data-state", "sound");
    page.screenshot(
        new Page.ScreenshotOptions()
            .setFullPage(true)
            .setPath(Path.of("target", "screenshots", "record-" + word + ".png")));
    accessible(page);
    revealed(page, word);

    page.navigate(url() + "/audit?q=label:pii+effct:deny");
    shoot(page, "wrong-filter-" + word);
    accessible(page);
    page.navigate(url() + "/audit?q=purpose:nothing");
    shoot(page, "filtered-empty-" + word);
    accessible(page);
    page.navigate(url() + "/session-expired");
    complaints.clear(); // the browser notes the page's own 401
    shoot(page, "session-expired-" + word);
    accessible(page);
  }

  private void revealed(Page page, String word) {
    for (Locator reveal : page.locator(".reveal summary").all()) {
      reveal.click();
    }
    page.screenshot(
        new Page.ScreenshotOptions()
            .setFullPage(true)
            .setPath(Path.of("target", "screenshots", "record-reveal-" + word + ".png")));
    accessible(page);
    GATEWAY.reveals(
        "\"state\":\"revealed\",\"value\":\"SELECT email\\n  FROM main.sales.orders\","
            + "\"salt\":\"5a\"");
    page.getByLabel("Reason").nth(1).fill("case 7");
    page.keyboard().press("Enter");
    PlaywrightAssertions.assertThat(page.locator("#value")).containsText("SELECT email");
    shoot(page, "revealed-" + word);
    accessible(page);
    page.locator("#revealed .button").click();
    PlaywrightAssertions.assertThat(page.locator("#check")).hasAttribute("data-state", "sound");
  }

  @Test
  void aPhoneShowsTheSamePagesWithoutSidewaysScrolling() {
    context.close();
    context = browser.newContext(options(ColorScheme.LIGHT, 390, 844));
    Page page = live();
    shoot(page, "phone-audit");
    assertThat(page.evaluate("document.documentElement.scrollWidth")).isEqualTo(390);
    accessible(page);
    page.locator("tr[data-tone=deny] a").first().click();
    PlaywrightAssertions.assertThat(page.locator("#check")).hasAttribute("data-state", "sound");
    page.screenshot(
        new Page.ScreenshotOptions()
            .setFullPage(true)
            .setPath(Path.of("target", "screenshots", "phone-record.png")));
    page.locator(".reveal summary").last().click();
    assertThat(page.evaluate("document.documentElement.scrollWidth")).isEqualTo(390);
    accessible(page);
  }

  @Test
  void newRecordsAppearByThemselvesWithTheSameMarkupAsThePage() {
    Page page = live();
    var records = new Records(Records.CHAIN, java.time.Instant.parse("2026-11-21T15:00:00Z"));
    skip(records, log.size());
    log.add(records.denied("d-new", Records.BOB));

    Locator first = page.locator("#rows tr").first();
    PlaywrightAssertions.assertThat(first)
        .hasAttribute("data-key", Records.CHAIN + "/" + log.size());
    PlaywrightAssertions.assertThat(first).hasAttribute("data-tone", "deny");
    PlaywrightAssertions.assertThat(first.locator(".c-who")).hasText("Bob Bianchi");
    var streamed = normal(first);
    page.reload();
    assertThat(normal(page.locator("#rows tr").first())).isEqualTo(streamed);
  }

  @Test
  void aSearchByNameStaysLiveForThatPersonAndTheNameIsInNoAddress() {
    Page page = live();
    page.locator("#q").fill("user:\"Bob Bianchi\" effect:deny");
    page.keyboard().press("Enter");
    PlaywrightAssertions.assertThat(page)
        .hasURL(url() + "/audit?q=user%3A" + Records.BOB + "+effect%3Adeny");
    PlaywrightAssertions.assertThat(page.locator("#q"))
        .hasValue("user:\"Bob Bianchi\" effect:deny");
    PlaywrightAssertions.assertThat(page.locator("#pulse")).hasAttribute("data-state", "live");
    shoot(page, "search-by-name");
    int before = page.locator("#rows tr").count();
    var records = new Records(Records.CHAIN, java.time.Instant.parse("2026-11-21T15:00:00Z"));
    skip(records, log.size());
    log.add(records.denied("d-other", Records.ALICE));
    log.add(records.denied("d-his", Records.BOB));
    PlaywrightAssertions.assertThat(page.locator("#rows tr")).hasCount(before + 1);
    PlaywrightAssertions.assertThat(page.locator("#rows .c-who").first()).hasText("Bob Bianchi");
  }

  private static void skip(Records records, int count) {
    for (int i = 0; i < count; i++) {
      var _ = records.signedIn(Records.OLGA);
    }
  }

  private static String normal(Locator row) {
    return ((String) row.evaluate("r => r.outerHTML"))
        .replace(" class=\"new\"", "")
        .replaceAll("\\s+", " ");
  }

  @Test
  void pauseHoldsTheListStillAndCountsWhatIsMissed() {
    Page page = live();
    int before = page.locator("#rows tr").count();
    page.keyboard().press("p");
    var records = new Records(Records.CHAIN, java.time.Instant.parse("2026-11-21T15:00:00Z"));
    skip(records, log.size());
    log.add(records.denied("d-1", Records.BOB));
    log.add(records.denied("d-2", Records.BOB));
    PlaywrightAssertions.assertThat(page.locator("#bar-words"))
        .hasText("2 new records while paused: 2 denied");
    shoot(page, "paused");
    assertThat(page.locator("#rows tr").count()).isEqualTo(before);
    page.keyboard().press("p");
    PlaywrightAssertions.assertThat(page.locator("#rows tr")).hasCount(before + 2);
  }

  @Test
  void aBrokenRecordIsNamedInRed() {
    Page page = live();
    GATEWAY.broken(Records.CHAIN.toString(), 7);
    page.locator("button.proof").click();
    PlaywrightAssertions.assertThat(page.locator("section.broken"))
        .containsText(Records.CHAIN + " · 7 · leaf mismatch");
    shoot(page, "broken");
    accessible(page);
    page.locator("section.broken a").click();
    PlaywrightAssertions.assertThat(page.locator("h1")).isVisible();
    GATEWAY.sound();
    page.navigate(url() + "/audit");
    page.locator("button.proof").click();
    PlaywrightAssertions.assertThat(page.locator(".said.sound")).containsText("The log is whole");
    shoot(page, "sound");
    accessible(page);
  }

  @Test
  void aTamperedRecordIsConvictedByTheBrowserItself() {
    var record =
        Records.tampered(new Records(Records.CHAIN, java.time.Instant.EPOCH).denied("d", "-"));
    log.clear();
    log.add(record);
    Page page = page();
    page.navigate(url() + "/audit/records/" + record.chain() + "/" + record.seq());
    PlaywrightAssertions.assertThat(page.locator("#check")).hasAttribute("data-state", "broken");
    shoot(page, "record-tampered");
    accessible(page);
  }

  @Test
  void whatIsShownIsMarkedStaleWhileTheDatabaseIsAwayAndGoesOnAfterwards() {
    Page page = live();
    log.down();
    PlaywrightAssertions.assertThat(page.locator("#stale")).isVisible();
    shoot(page, "stale");
    accessible(page);
    log.up();
    PlaywrightAssertions.assertThat(page.locator("#stale"))
        .isHidden(
            new com.microsoft.playwright.assertions.LocatorAssertions.IsHiddenOptions()
                .setTimeout(20_000));
  }

  @Test
  void theThemeIsRenderedByTheServer() {
    Page page = live();
    page.locator("button[value=dark]").click();
    PlaywrightAssertions.assertThat(page.locator("html")).hasAttribute("data-theme", "dark");
    PlaywrightAssertions.assertThat(page.locator("#pulse")).hasAttribute("data-state", "live");
  }
}
