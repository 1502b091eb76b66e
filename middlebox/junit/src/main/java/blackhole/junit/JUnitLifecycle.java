package blackhole.junit;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.flow.BackgroundFailure;
import blackhole.middlebox.flow.FlowEvent;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Starts, checks and stops a middlebox as JUnit runs classes and tests. Uses only API of JUnit Jupiter 5.9 and later. */
abstract class JUnitLifecycle
        implements BeforeAllCallback,
                BeforeEachCallback,
                AfterTestExecutionCallback,
                AfterEachCallback,
                AfterAllCallback,
                ParameterResolver {
    static final String UNSUPPORTED = "blackhole.unsupported";

    private static final String STARTED = "started";
    private static final String REPORTED = "reported";
    private static final String FAILURE = "failure";

    private final TestMiddlebox box;

    JUnitLifecycle(TestMiddlebox box) {
        this.box = box;
    }

    @Override
    public final void beforeAll(ExtensionContext context) {
        skipIfUnsupported(context);
        store(context).put(STARTED, true);
        box.startClass();
    }

    @Override
    public final void beforeEach(ExtensionContext context) {
        skipIfUnsupported(context);
        BackgroundFailure earlier = classStore(context).get(FAILURE, BackgroundFailure.class);
        Optional.ofNullable(earlier).or(box::failure).ifPresent(failure -> fail(context, failure, "before this test"));
        store(context).put(STARTED, true);
        box.startTest();
    }

    /** Tests are skipped on a Mac or on Windows, unless JUnit's parameter {@link #UNSUPPORTED} says {@code fail}. */
    private void skipIfUnsupported(ExtensionContext context) {
        boolean mustRun = context.getConfigurationParameter(UNSUPPORTED)
                .filter("fail"::equals)
                .isPresent();
        if (!mustRun && box.needsSupport()) {
            Middlebox.whyUnsupported()
                    .ifPresent(why -> Assumptions.abort("the middlebox can't work here: " + why
                            + "; run the tests in a Linux container, or set " + UNSUPPORTED + "=fail to fail instead"));
        }
    }

    /** Runs before the test's own clean-up, which may close the flows that the report should show. */
    @Override
    public final void afterTestExecution(ExtensionContext context) {
        printReportOfFailure(context);
    }

    @Override
    public final void afterEach(ExtensionContext context) {
        stop(context, box::stopTest).ifPresent(failure -> fail(context, failure, "during this test"));
    }

    @Override
    public final void afterAll(ExtensionContext context) {
        stop(context, box::stopClass)
                .filter(failure -> classStore(context).get(FAILURE) == null)
                .ifPresent(failure -> fail(context, failure, "outside the tests of this class"));
    }

    /** JUnit calls this even if an extension registered earlier has failed, and then there is nothing to stop. */
    private Optional<BackgroundFailure> stop(ExtensionContext context, Supplier<Optional<BackgroundFailure>> stop) {
        if (store(context).remove(STARTED) == null) {
            return Optional.empty();
        }
        Optional<BackgroundFailure> failure;
        try {
            printReportOfFailure(context);
        } finally {
            failure = stop.get();
        }
        return failure;
    }

    private void printReportOfFailure(ExtensionContext context) {
        Store store = store(context);
        if (context.getExecutionException().isPresent() && box.isRunning() && store.get(REPORTED) == null) {
            store.put(REPORTED, true);
            System.err.println(context.getDisplayName() + " failed; " + box.report());
        }
    }

    private static void fail(ExtensionContext context, BackgroundFailure failure, String when) {
        classStore(context).put(FAILURE, failure);
        throw new AssertionError(
                "the middlebox failed " + when + ", so the result can't be trusted: " + FlowReport.text(failure),
                failure.cause());
    }

    private Store store(ExtensionContext context) {
        return context.getStore(Namespace.create(this));
    }

    /** Returns what all extensions, tests and nested classes of the outermost test class share. */
    private static Store classStore(ExtensionContext context) {
        ExtensionContext outermost = context;
        for (Optional<ExtensionContext> next = Optional.of(context);
                next.flatMap(ExtensionContext::getTestClass).isPresent();
                next = outermost.getParent()) {
            outermost = next.get();
        }
        return outermost.getStore(Namespace.create(JUnitLifecycle.class));
    }

    @Override
    public final boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Type type = parameter.getParameter().getParameterizedType();
        return type == Middlebox.class || isListOfEvents(type);
    }

    private static boolean isListOfEvents(Type type) {
        return type instanceof ParameterizedType list
                && list.getRawType() == List.class
                && list.getActualTypeArguments()[0] == FlowEvent.class;
    }

    @Override
    public final Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Middlebox.class
                ? box.running()
                : box.events().view();
    }
}
