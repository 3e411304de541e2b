// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.azure;

import com.microsoft.aad.msal4j.IAuthenticationResult;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Tokens for what Obolus does in its own name: Key Vault, Azure Monitor. By msal4j, which keeps
 * them and asks anew before they end; never by the application that exchanges persons' tokens,
 * since msal4j would hand one's token to the other.
 *
 * <p>One thread asks, so that whoever comes meanwhile finds the first one's token; at most 32 wait,
 * each at most three times an attempt's time-out. While Entra says later, nobody asks.
 */
public final class AppTokens implements AutoCloseable {
  private static final int MOST_WAITING = 32;

  private final AzureSettings settings;
  private final Http http;
  private final InstantSource clock;
  private final Duration patience;
  private final Scheduler thread;

  /** Both are the one thread's own. */
  private @Nullable OwnApplication application;

  private @Nullable Later later;

  /**
   * Asks nobody yet.
   *
   * @throws IllegalArgumentException if it is not clear who this is
   */
  public AppTokens(AzureSettings settings, Http http, InstantSource clock) {
    settings.require();
    this.settings = settings;
    this.http = http;
    this.clock = clock;
    this.patience = settings.patience().multipliedBy(3);
    this.thread = Schedulers.fromExecutorService(oneThread());
  }

  private static ThreadPoolExecutor oneThread() {
    var one =
        new ThreadPoolExecutor(
            1,
            1,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            Thread.ofPlatform().daemon().name("own-tokens").factory());
    one.allowCoreThreadTimeOut(true);
    return one;
  }

  /** Until then Entra wants no question. */
  private record Later(Instant until, AppTokenFailure why) {}

  /** Which cloud the tokens are of. */
  public Cloud cloud() {
    return settings.cloud();
  }

  /**
   * A token for this resource, such as {@code https://vault.azure.net}; or an {@link
   * AppTokenFailure}.
   */
  public Mono<AccessToken> token(String resource) {
    return ask(resource, false);
  }

  /** Another than the kept one, which the resource did not take. */
  public Mono<AccessToken> renewed(String resource) {
    return ask(resource, true);
  }

  /**
   * Waits for one of these.
   *
   * @throws IllegalStateException on a thread that must not wait
   */
  public AccessToken await(Mono<AccessToken> asked) throws IOException {
    if (Schedulers.isInNonBlockingThread()) {
      throw new IllegalStateException("an event loop does not wait for a token");
    }
    try {
      return asked.toFuture().get(patience.toMillis() + 1_000, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw AppTokenFailure.of(e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw AppTokenFailure.of(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private Mono<AccessToken> ask(String resource, boolean anew) {
    return Mono.fromCallable(() -> acquire(resource, anew))
        .subscribeOn(thread)
        .timeout(patience)
        .onErrorMap(
            RejectedExecutionException.class,
            _ -> AppTokenFailure.unavailable("too many wait for one"))
        .onErrorMap(AppTokenFailure::of);
  }

  private AccessToken acquire(String resource, boolean anew) throws IOException {
    Later told = later;
    if (told != null && clock.instant().isBefore(told.until)) {
      throw told.why;
    }
    boolean read = application == null;
    try {
      return once(resource, anew);
    } catch (AppTokenFailure failure) {
      if (failure.code() != AppTokenFailure.Code.OWN_CREDENTIAL_REFUSED) {
        throw failure;
      }
      application = null;
      if (read) {
        throw failure;
      }
      // it may have been replaced in place since it was read
      return once(resource, anew);
    }
  }

  private AccessToken once(String resource, boolean anew) throws IOException {
    try {
      OwnApplication made = application;
      if (made == null) {
        made = OwnApplication.of(settings, http);
        application = made;
      }
      IAuthenticationResult given = made.acquire(resource, anew).get();
      return new AccessToken(given.accessToken());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      throw remembered(AppTokenFailure.of(e.getCause() == null ? e : e.getCause()));
    } catch (AppTokenFailure.Unusable e) {
      throw AppTokenFailure.credential(String.valueOf(e.getMessage()));
    } catch (Exception e) {
      throw remembered(AppTokenFailure.of(e));
    }
  }

  private AppTokenFailure remembered(AppTokenFailure failure) {
    failure.retryAfter().ifPresent(wait -> later = new Later(clock.instant().plus(wait), failure));
    return failure;
  }

  @Override
  public void close() {
    thread.dispose();
  }
}
