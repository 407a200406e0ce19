import HTTPFront
import Hummingbird
import SaleCore
package import SaleService

extension OperatorRoutes {
    /// What `UpkeepRoutes` needs of the rest of the service.
    package struct Upkeep: Sendable {
        package var webhooks: any WebhookOperations
        /// To the endpoints that this node names.
        package var transports: [String: any WebhookTransport]
        package var ledger: any OperatorLedger
        /// In force on this node.
        package var settings: [OperatorSetting]

        package init(
            webhooks: any WebhookOperations, transports: [String: any WebhookTransport], ledger: any OperatorLedger, settings: [OperatorSetting]
        ) {
            self.webhooks = webhooks
            self.transports = transports
            self.ledger = ledger
            self.settings = settings
        }
    }
}

/// What keeps the service going beside its sales: events on their way out, nodes, settings. What is
/// changed here stands in the audit trail before it is done.
struct UpkeepRoutes {
    private struct Webhooks: Encodable {
        var webhooks: [OperatorWebhook]
    }

    private struct Failures: Encodable {
        var failures: [OperatorWebhookFailure]
    }

    private struct Settings: Encodable {
        var settings: [OperatorSetting]
    }

    private struct Done: Encodable {
        private enum CodingKeys: String, CodingKey {
            case endpoint, node, events, stopped, ready, draining, url, taken, objection
            case isDryRun = "dry_run"
        }

        var endpoint: String?
        var node: String?
        /// How many it was done to, or would be; not known for one that is asked for again.
        var events: Int?
        /// What a dry run found.
        var stopped: Bool?
        var ready: Bool?
        var draining: Bool?
        /// To which a test would go.
        var url: String?
        /// Whether the receiver took a test, and why not.
        var taken: Bool?
        var objection: String?
        var isDryRun = false
    }

    private static let failuresDefault = 100

    private let dependencies: OperatorRoutes.Dependencies
    private var operations: any WebhookOperations { dependencies.upkeep.webhooks }

    init(_ dependencies: OperatorRoutes.Dependencies) {
        self.dependencies = dependencies
    }

    @Sendable func settings(_ request: Request, _ context: FrontContext) throws -> Response {
        _ = try Query(request, [])
        return try .json(Settings(settings: dependencies.upkeep.settings))
    }

    @Sendable func webhooks(_ request: Request, _ context: FrontContext) async throws -> Response {
        _ = try Query(request, [])
        return try .json(Webhooks(webhooks: try await operations.states().map(OperatorWebhook.init)))
    }

    @Sendable func failures(_ request: Request, _ context: FrontContext) async throws -> Response {
        let countMax = try Query(request, ["limit"]).integer("limit", 1...Limits.operatorPageMax) ?? Self.failuresDefault
        let state = try await state(context)
        let failures = try await operations.failures(of: state.endpoint, countMax: countMax)
        return try .json(Failures(failures: failures.map(OperatorWebhookFailure.init)))
    }

    @Sendable func replay(_ request: Request, _ context: FrontContext) async throws -> Response {
        try await change(request, context, UpkeepChange.replay) { try await operations.replay($1, of: $0) }
    }

    @Sendable func skip(_ request: Request, _ context: FrontContext) async throws -> Response {
        try await change(request, context, UpkeepChange.skip) { try await operations.skip($1, of: $0) }
    }

    @Sendable func stop(_ request: Request, _ context: FrontContext) async throws -> Response {
        let write = try await WriteRequest(request, context)
        let reason = try ReasonBody.read(write.body)
        let state = try await state(context)
        return try await once(write, reason, .stop(endpoint: state.endpoint)) {
            Done(endpoint: state.endpoint, stopped: state.isStopped)
        } _: {
            try await operations.stop(state.endpoint, because: "\(write.attribution.actor): \(reason)")
            return Done(endpoint: state.endpoint)
        }
    }

    @Sendable func resume(_ request: Request, _ context: FrontContext) async throws -> Response {
        let write = try await WriteRequest(request, context)
        let reason = try ReasonBody.read(write.body)
        let state = try await state(context)
        return try await once(write, reason, .resume(endpoint: state.endpoint)) {
            Done(endpoint: state.endpoint, stopped: state.isStopped)
        } _: {
            _ = try await operations.resume(state.endpoint)
            return Done(endpoint: state.endpoint)
        }
    }

    /// What the receiver says is told and changes nothing: a test is no event.
    @Sendable func test(_ request: Request, _ context: FrontContext) async throws -> Response {
        let write = try await WriteRequest(request, context)
        let reason = try ReasonBody.read(write.body)
        let endpoint = try await state(context).endpoint
        guard let transport = dependencies.upkeep.transports[endpoint] else {
            throw Problem(.notFound, detail: "SECKILL_WEBHOOKS_FILE of this node does not name the endpoint.")
        }
        return try await once(write, reason, .test(endpoint: endpoint)) {
            Done(endpoint: endpoint, url: transport.destination)
        } _: {
            let objection = await transport.send(.test(at: dependencies.now())).objection
            return Done(endpoint: endpoint, taken: objection == nil, objection: objection)
        }
    }

    /// The node hears of it with its next heartbeat, and stops as at SIGTERM.
    @Sendable func drain(_ request: Request, _ context: FrontContext) async throws -> Response {
        let write = try await WriteRequest(request, context)
        let reason = try ReasonBody.read(write.body)
        let node = context.parameters.get("node") ?? ""
        guard let heartbeat = try await dependencies.nodes.nodes().first(where: { $0.id == node }) else {
            throw Problem(.notFound, detail: "There is no node of this name.")
        }
        return try await once(write, reason, .drain(node: node)) {
            Done(node: node, ready: heartbeat.isReady, draining: heartbeat.isDraining)
        } _: {
            guard try await dependencies.nodes.wish(.drain, of: node) else { throw Problem(.notFound, detail: "The node is gone.") }
            return Done(node: node)
        }
    }

    /// Of all that an endpoint did not take, or of the one that the body names.
    private func change(
        _ request: Request, _ context: FrontContext, _ change: (EventPosition?, String) -> UpkeepChange,
        _ body: (String, EventPosition?) async throws -> Int
    ) async throws -> Response {
        let write = try await WriteRequest(request, context)
        let (reason, event) = try ReasonBody.readEvent(write.body)
        let state = try await state(context)
        return try await once(write, reason, change(event, state.endpoint)) {
            Done(endpoint: state.endpoint, events: try await operations.failureCount(event, of: state))
        } _: {
            Done(endpoint: state.endpoint, events: try await body(state.endpoint, event))
        }
    }

    /// Of the endpoint that the path names.
    private func state(_ context: FrontContext) async throws -> WebhookState {
        let endpoint = context.parameters.get("endpoint") ?? ""
        guard let state = try await operations.states().first(where: { $0.endpoint == endpoint }) else {
            throw Problem(.notFound, detail: "There is no webhook endpoint of this name.")
        }
        return state
    }

    /// What stays as it is when it is done twice: a repetition whose first attempt was entered and
    /// then failed does it.
    ///
    /// - Parameter foreseen: what a dry run tells.
    private func once(
        _ write: WriteRequest, _ reason: String, _ what: UpkeepChange, foreseen: () async throws -> Done, _ change: () async throws -> Done
    ) async throws -> Response {
        try await OperatorProblem.translating {
            if write.isDryRun {
                var done = try await foreseen()
                done.isDryRun = true
                return try .json(done)
            }
            return try await Repetitions(requests: dependencies.requests).once(write) {
                try WrittenAnswer(try await change())
            } _: {
                do throws(JournalError) {
                    try await dependencies.upkeep.ledger.enterAudit(["\(what)"], of: nil, by: write.attribution.because(reason))
                } catch {
                    throw OperatorCommandError.postgres(error)
                }
                return try WrittenAnswer(try await change())
            }
        }
    }
}
