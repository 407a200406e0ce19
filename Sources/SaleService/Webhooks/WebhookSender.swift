import Logging
import SaleCore

/// Serves one endpoint, for as long as this node holds it: sends what comes, remembers how far it
/// got, and keeps apart what fails, so that one event holds up no other.
///
/// Each event arrives at least once: what was sent and not yet remembered when a node dies is sent
/// again by the next one, under the same id.
struct WebhookSender: Sendable {
    let endpoint: WebhookEndpoint
    let transport: any WebhookTransport
    let feed: any EventFeed
    let ledger: any WebhookLedger
    let holder: String
    let metrics: WebhookMetrics
    let context: ServiceContext

    private var runtime: Runtime { context.runtime }

    /// What is known between two turns.
    private struct Memory {
        /// What Postgres holds.
        var saved: EventPosition
        /// From where the feed is read on.
        var read: EventPosition
        var queue = DeliveryQueue()
        /// Taken or failed, and not below `saved` yet.
        var done: Set<EventPosition> = []
        /// Of the clock that events are dated by, from the monotonic one.
        var clockOffset: Int64 = 0
        var refusals = 0
        var lastError = ""

        init(from position: EventPosition) {
            saved = position
            read = position
        }

        var firstWaiting: FeedEvent? { queue.waiting.first { !$0.isRetry }?.event }

        /// Everything up to here is done.
        var settled: EventPosition {
            guard let first = firstWaiting else { return read }
            return done.filter { $0 < first.position }.max() ?? saved
        }
    }

    /// Returns when another node holds the endpoint, when it wants no more, or when the task is
    /// cancelled.
    func serve(from position: EventPosition) async {
        var memory = Memory(from: position)
        do throws(JournalError) {
            while !Task.isCancelled, try await turn(&memory) {}
        } catch {
            context.logger.debug("webhooks are left for later", metadata: [LogKey.endpoint: "\(endpoint.name)", LogKey.error: "\(error)"])
        }
        metrics.sampled(lagMilliseconds: 0)
    }

    /// - Returns: whether there is a next one.
    private func turn(_ memory: inout Memory) async throws(JournalError) -> Bool {
        try await fill(&memory)
        sample(memory)
        var progress = WebhookProgress(position: memory.saved)
        let isIdle = memory.queue.isEmpty
        let pause = isIdle ? nil : await deliver(&memory, &progress)
        if pause == .gone {
            try await ledger.stop(endpoint.name, because: "the receiver answered 410: it wants no more")
            context.logger.warning("webhook endpoint stopped: its receiver answered 410", metadata: [LogKey.endpoint: "\(endpoint.name)"])
            return false
        }
        progress.position = memory.settled
        progress.lastError = memory.lastError
        if progress != WebhookProgress(position: memory.saved) {
            guard try await ledger.save(progress, of: endpoint.name, by: holder) else { return false }
            memory.saved = progress.position
            memory.done = memory.done.filter { $0 > memory.saved }
        }
        sample(memory)
        if case .some(.wait(let duration)) = pause {
            try? await runtime.sleep(duration)
        } else if isIdle {
            try? await runtime.sleep(Limits.eventPollInterval)
        }
        return true
    }

    private func fill(_ memory: inout Memory) async throws(JournalError) {
        let room = Limits.webhookWindow - memory.queue.waiting.count
        guard room > 0 else { return }
        let page = try await feed.events(after: memory.read, countMax: room, types: endpoint.types)
        memory.read = page.next
        if let readAt = page.readAt { memory.clockOffset = readAt.milliseconds - Int64(runtime.now().nanoseconds / 1_000_000) }
        let waiting = Set(memory.queue.waiting.map(\.event.position) + page.events.map(\.position))
        let due = try await ledger.dueFailures(of: endpoint.name, countMax: Limits.webhookRetriesMax)
        memory.queue.putBack(
            due.filter { !waiting.contains($0.event.position) }.map { Delivery(event: $0.event, attempts: $0.attempts, isRetry: true) })
        memory.queue.add(page.events.map { Delivery(event: $0) })
    }

    private func sample(_ memory: Memory) {
        let now = Int64(runtime.now().nanoseconds / 1_000_000) + memory.clockOffset
        metrics.sampled(lagMilliseconds: memory.firstWaiting.map { now - $0.at.milliseconds } ?? 0)
    }

    private enum Pause: Equatable {
        case wait(Duration)
        case gone
    }

    /// Sends what waits, for a moment or until the receiver wants a pause.
    private func deliver(_ memory: inout Memory, _ progress: inout WebhookProgress) async -> Pause? {
        let end = runtime.now().advanced(by: Limits.webhookTurn.nanoseconds)
        var pause: Pause?
        var heldBack: [Delivery] = []
        await withTaskGroup(of: ([Delivery], WebhookAnswer).self) { group in
            var underWay = 0
            while true {
                while underWay < endpoint.inFlight, pause == nil, !Task.isCancelled, runtime.now() < end {
                    let taken = memory.queue.take(countMax: endpoint.batch)
                    guard !taken.isEmpty else { break }
                    let message = WebhookMessage(taken.map(\.event), to: endpoint)
                    group.addTask { (taken, await transport.send(message)) }
                    underWay += 1
                }
                guard let (sent, answer) = await group.next() else { break }
                underWay -= 1
                memory.queue.ended(sent)
                // What was cut off at our own end says nothing of the receiver.
                if Task.isCancelled, answer != .taken {
                    heldBack += sent
                } else if let wanted = note(answer, of: sent, &memory, &progress, &heldBack) {
                    pause = pause == .gone ? .gone : wanted
                }
            }
        }
        memory.queue.putBack(heldBack)
        return pause
    }

    private func note(
        _ answer: WebhookAnswer, of sent: [Delivery], _ memory: inout Memory, _ progress: inout WebhookProgress, _ heldBack: inout [Delivery]
    ) -> Pause? {
        switch answer {
        case .taken:
            (memory.refusals, memory.lastError) = (0, "")
            metrics.count(.delivered, sent.count)
            for delivery in sent {
                if delivery.isRetry { progress.settled.append(delivery.event.position) } else { memory.done.insert(delivery.event.position) }
            }
            return nil
        case .refused(let reason):
            memory.lastError = reason
            fail(sent, reason, &memory, &progress)
            return nil
        case .doubtful(let reason):
            let doubted = sent.map { delivery in
                var delivery = delivery
                delivery.doubts += 1
                return delivery
            }
            fail(doubted.filter { $0.doubts >= Limits.webhookDoubtsMax }, reason, &memory, &progress)
            heldBack += doubted.filter { $0.doubts < Limits.webhookDoubtsMax }
            return refused(reason, &memory, after: nil)
        case .unavailable(let reason, let retryAfter):
            heldBack += sent
            metrics.count(.failed, sent.count)
            return refused(reason, &memory, after: retryAfter)
        case .gone:
            heldBack += sent
            return .gone
        }
    }

    private func refused(_ reason: String, _ memory: inout Memory, after wanted: Duration?) -> Pause {
        memory.refusals += 1
        memory.lastError = reason
        let pause = endpoint.pause(after: memory.refusals, runtime.random)
        return .wait(max(pause, min(wanted ?? .zero, Limits.webhookRetryAfterMax)))
    }

    private func fail(_ sent: [Delivery], _ reason: String, _ memory: inout Memory, _ progress: inout WebhookProgress) {
        for delivery in sent {
            let attempts = delivery.attempts + 1
            let wait = endpoint.wait(after: attempts, runtime.random)
            metrics.count(wait == nil ? .givenUp : .failed, 1)
            progress.failed.append(WebhookFailure(position: delivery.event.position, attempts: attempts, wait: wait, error: reason))
            if !delivery.isRetry { memory.done.insert(delivery.event.position) }
        }
    }
}
