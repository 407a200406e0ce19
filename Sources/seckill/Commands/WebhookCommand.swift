import ArgumentParser
import OperatorAPI
import SaleService
import ServerAssembly

struct WebhookCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhook", abstract: "Look at webhook endpoints, and at what they did not take.",
        discussion: """
            Endpoints stand in a YAML file, which SECKILL_WEBHOOKS_FILE names and each node reads at its start: `seckill webhook init` prints one to begin with.
            """,
        subcommands: [Init.self, List.self, Failures.self, Replay.self, Skip.self, Stop.self, Resume.self])
}

extension WebhookCommand {
    struct Init: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a commented file of endpoints to start from.",
            discussion:
                "SECKILL_WEBHOOKS_FILE, or --webhooks-file of `serve` and `up`, names it; `seckill config check` says whether a node would take it.")

        func run() { Console.data(WebhookTemplate.yaml) }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the endpoints, how far each was served, and by which node.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var watches: WatchOptions
        @OptionGroup var stores: StoreFlags

        func run() async throws {
            try await watches.run {
                let states = try await withSession(stores) { session in try await session.webhooks.states() }
                try ListWriter.print(states.map(OperatorWebhook.init), output.output)
            }
        }
    }

    struct Failures: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the events that an endpoint did not take.")
        @Argument(help: "The endpoint.") var endpoint: String
        @Option(help: ArgumentHelp("At most so many.", valueName: "count")) var limit = 100
        @OptionGroup var output: OutputOptions
        @OptionGroup var watches: WatchOptions
        @OptionGroup var stores: StoreFlags

        func validate() throws {
            guard (1...100_000).contains(limit) else { throw ValidationError("--limit must be between 1 and 100000") }
        }

        func run() async throws {
            try await watches.run {
                let failures = try await withSession(stores) { session in
                    try await session.require(endpoint: endpoint)
                    return try await session.webhooks.failures(of: endpoint, countMax: limit)
                }
                try ListWriter.print(failures.map(OperatorWebhookFailure.init), output.output)
            }
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send failed events again, all of an endpoint or one.")
        @OptionGroup var failures: FailureArguments
        func run() async throws {
            try await failures.run("to be sent again", foreseen: "sent again", UpkeepChange.replay) { try await $0.replay($1, of: $2) }
        }
    }

    struct Skip: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget failed events, all of an endpoint or one.")
        @OptionGroup var failures: FailureArguments
        func run() async throws {
            try await failures.run("forgotten", foreseen: "forgotten", UpkeepChange.skip) { try await $0.skip($1, of: $2) }
        }
    }

    struct Stop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send an endpoint nothing until it is resumed.")
        @Argument(help: "The endpoint.") var endpoint: String
        @OptionGroup var why: ReasonOptions
        @OptionGroup var writes: WriteOptions
        @OptionGroup var stores: StoreFlags

        func run() async throws {
            let isServed = try await withSession(stores) { session in
                let isServed = try await !session.require(endpoint: endpoint).isStopped
                if isServed, !writes.dryRun {
                    try await session.enter(.stop(endpoint: endpoint), because: why.reason)
                    let actor = Attribution.ofThisProcess.actor
                    try await session.webhooks.stop(endpoint, because: why.reason.map { "\(actor): \($0)" } ?? "stopped by \(actor)")
                }
                return isServed
            }
            Console.message(
                isServed && writes.dryRun
                    ? "\(endpoint) would be stopped (dry run; nothing was changed)" : "\(endpoint) is stopped; its events are kept for it")
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send to an endpoint again that was stopped, from where it was.")
        @Argument(help: "The endpoint.") var endpoint: String
        @OptionGroup var why: ReasonOptions
        @OptionGroup var writes: WriteOptions
        @OptionGroup var stores: StoreFlags

        func run() async throws {
            let isStopped = try await withSession(stores) { session in
                let isStopped = try await session.require(endpoint: endpoint).isStopped
                if isStopped, !writes.dryRun {
                    try await session.enter(.resume(endpoint: endpoint), because: why.reason)
                    _ = try await session.webhooks.resume(endpoint)
                }
                return isStopped
            }
            Console.message(
                isStopped && writes.dryRun
                    ? "\(endpoint) would be served again (dry run; nothing was changed)" : "\(endpoint) is served again")
        }
    }
}

/// Which failures a command is about.
struct FailureArguments: ParsableArguments {
    @Argument(help: "The endpoint.") var endpoint: String
    @Argument(help: "One event; all that failed unless given.") var event: EventPosition?
    @OptionGroup var why: ReasonOptions
    @OptionGroup var writes: WriteOptions
    @OptionGroup var stores: StoreFlags

    func run(
        _ done: String, foreseen: String, _ change: (EventPosition?, String) -> UpkeepChange,
        _ body: @Sendable (any WebhookOperations, EventPosition?, String) async throws -> Int
    ) async throws {
        let count = try await withSession(stores) { session in
            let state = try await session.require(endpoint: endpoint)
            let failed = try await session.webhooks.failureCount(event, of: state)
            if let event, failed == 0 { throw CommandFailure(.notFound, "\(endpoint) has not failed to take \(event.eventID)") }
            // What changes nothing does not stand in the history.
            guard failed > 0, !writes.dryRun else { return failed }
            try await session.enter(change(event, endpoint), because: why.reason)
            return try await body(session.webhooks, event, endpoint)
        }
        let events = "\(count) \(count == 1 ? "event" : "events")"
        Console.message(writes.dryRun ? "\(events) would be \(foreseen) (dry run; nothing was changed)" : "\(events) \(done)")
    }
}

extension OperatorSession {
    @discardableResult fileprivate func require(endpoint: String) async throws -> WebhookState {
        guard let state = try await webhooks.states().first(where: { $0.endpoint == endpoint }) else {
            throw CommandFailure(
                .notFound, "there is no webhook endpoint \(endpoint); endpoints stand in the nodes' files: see seckill webhook --help")
        }
        return state
    }
}
