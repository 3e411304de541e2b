// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.freeze;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/** The thread that reads the log for freezes, from the gateway's start to its end. */
public final class FreezeWatch implements SmartLifecycle {
  private static final Duration INTERVAL = Duration.ofMillis(250);
  private static final Logger LOG = LoggerFactory.getLogger(FreezeWatch.class);

  private final Freezes freezes;
  private final Thread thread =
      Thread.ofPlatform().daemon().name("freeze-watch").unstarted(this::watch);

  public FreezeWatch(Freezes freezes) {
    this.freezes = freezes;
  }

  @Override
  public void start() {
    thread.start();
  }

  @Override
  public void stop() {
    thread.interrupt();
  }

  @Override
  public boolean isRunning() {
    return thread.isAlive();
  }

  private void watch() {
    boolean well = true;
    while (!Thread.currentThread().isInterrupted()) {
      well = looked(well);
      try {
        Thread.sleep(INTERVAL);
      } catch (InterruptedException _) {
        return;
      }
    }
  }

  private boolean looked(boolean well) {
    try {
      freezes.look();
      return true;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return well;
    } catch (Exception fault) {
      if (well) {
        LOG.atWarn()
            .addKeyValue("fault", fault.getClass().getName())
            .log(
                "the freezes could not be taken up: if they cannot be read, soon everything is refused");
      }
      return false;
    }
  }
}
