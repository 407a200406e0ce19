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
    /// Whether this node still holds the endpoint, as far as it knows.
    var isHeld: @Sendable () -> Bool = { true }

    private var runtime: Runtime { context.runtime }

    /// What is known between two turns.
    private struct Memory {
        /// What Postgres holds.
        var saved: EventPosition
        /// From where the feed is read on.
        var read: EventPosition
        var queue = DeliveryQueue()
        /// Taken or failed, and not below `saved` yet.
        var done: Set<EventPosition>
        /// When the first event was entered that the feed does not tell of yet, of those that the
        /// endpoint gets.
        var untold: Timestamp?
        /// Of the clock that events are dated by, from the monotonic one.
        var clockOffset: Int64 = 0
        /// How many events were taken.
        var taken = 0
        var refusals = 0
        var lastError = ""

        /// - Parameter failed: behind `position`, by whoever served the endpoint before.
        init(from position: EventPosition, failed: Set<EventPosition>) {
            saved = position
            read = position
            done = failed
        }

        var firstWaiting: FeedEvent? { queue.waiting.first { !$0.isRetry }?.event }

        /// Everything up to here is done.
        var settled: EventPosition {
            guard let first = firstWaiting else { return read }
            return done.filter { $0 < first.position }.max() ?? saved
        }

        mutating func setClock(by readAt: Timestamp, at now: MonotonicInstant) {
            clockOffset = readAt.milliseconds - Int64(now.nanoseconds / 1_000_000)
        }
    }

    /// Returns when another node holds the endpoint, when it wants no more, or when the task is
    /// cancelled.
    func serve(from position: EventPosition) async {
        do throws(JournalError) {
            var memory = Memory(from: position, failed: try await ledger.failures(of: endpoint.name, behind: position))
            while !Task.isCancelled, isHeld(), try await turn(&memory) {}
            metrics.sampled(lagMilliseconds: 0)
        } catch {
            // The lag stays as it was told last: what waits goes on waiting.
            context.logger.debug("webhooks are left for later", metadata: [LogKey.endpoint: "\(endpoint.name)", LogKey.error: "\(error)"])
        }
    }

    /// - Returns: whether there is a next one.
    private func turn(_ memory: inout Memory) async throws(JournalError) -> Bool {
        guard try await fill(&memory) else { return false }
        sample(memory)
        var progress = WebhookProgress(position: memory.saved)
        let isIdle = memory.queue.isEmpty
        let pause = isIdle ? nil : await deliver(&memory, &progress)
        progress.position = memory.settled
        progress.lastError = memory.lastError
        if progress != WebhookProgress(position: memory.saved) {
            guard try await ledger.save(progress, of: endpoint.name, by: holder) else { return false }
            memory.saved = progress.position
            memory.done = memory.done.filter { $0 > memory.saved }
            tell(progress.failed)
        }
        switch pause {
        case .gone:
            try await ledger.stop(endpoint.name, because: "the receiver answered 410: it wants no more")
            context.logger.warning("webhook endpoint stopped: its receiver answered 410", metadata: [LogKey.endpoint: "\(endpoint.name)"])
            return false
        case .wait(let duration): await rest(duration, memory)
        case nil:
            sample(memory)
            if isIdle { try? await runtime.sleep(Limits.eventPollInterval) }
        }
        return true
    }

    /// - Returns: `false` when this node must not serve the endpoint any more.
    private func fill(_ memory: inout Memory) async throws(JournalError) -> Bool {
        guard let due = try await ledger.dueFailures(of: endpoint.name, by: holder, countMax: Limits.webhookRetriesMax) else { return false }
        let waiting = Set(memory.queue.waiting.map(\.event.position))
        memory.queue.putBack(
            due.filter { !waiting.contains($0.event.position) }.map { Delivery(event: $0.event, attempts: $0.attempts, isRetry: true) })
        memory.untold = nil
        let room = Limits.webhookWindow - memory.queue.waiting.count
        guard room > 0, memory.done.count < Limits.webhookAheadMax else { return true }
        let page = try await feed.events(after: memory.read, countMax: room, types: endpoint.types)
        memory.read = page.next
        if let readAt = page.readAt { memory.setClock(by: readAt, at: runtime.now()) }
        memory.queue.add(page.events.filter { !memory.done.contains($0.position) }.map { Delivery(event: $0) })
        if page.isEnd, memory.firstWaiting == nil, let first = try await feed.firstEntered(after: page.next, types: endpoint.types) {
            memory.untold = first.at
            memory.setClock(by: first.readAt, at: runtime.now())
        }
        return true
    }

    private func sample(_ memory: Memory) {
        let now = Int64(runtime.now().nanoseconds / 1_000_000) + memory.clockOffset
        metrics.sampled(lagMilliseconds: (memory.firstWaiting?.at ?? memory.untold).map { now - $0.milliseconds } ?? 0)
    }

    /// Leaves the receiver alone, and tells meanwhile how the lag grows.
    private func rest(_ duration: Duration, _ memory: Memory) async {
        let end = runtime.now().advanced(by: duration.nanoseconds)
        while !Task.isCancelled, isHeld() {
            sample(memory)
            let now = runtime.now()
            guard now < end else { return }
            try? await runtime.sleep(min(.nanoseconds(Int64(now.duration(to: end))), Limits.webhookSampleInterval))
        }
    }

    /// What nobody will send again by itself is an operator's affair.
    private func tell(_ failures: [WebhookFailure]) {
        for failure in failures where failure.wait == nil {
            context.logger.warning(
                "webhook event given up",
                metadata: [
                    LogKey.endpoint: "\(endpoint.name)", LogKey.event: "\(failure.position.eventID)", LogKey.count: "\(failure.attempts)",
                    LogKey.error: "\(failure.error)",
                ])
        }
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
            memory.taken += sent.count
            metrics.count(.delivered, sent.count)
            for delivery in sent {
                if delivery.isRetry { progress.settled.append(delivery.event.position) } else { memory.done.insert(delivery.event.position) }
            }
            return nil
        case .refused(let reason):
            memory.lastError = reason
            for delivery in sent { fail(delivery, attempts: delivery.attempts + 1, reason, &memory, &progress) }
            return nil
        case .busy(let reason, let retryAfter):
            let patience = retryAfter.map { min($0, Limits.webhookRetryAfterMax) }
            let delays = sent.map { delayed($0, isAnswer: true, memory) }
            // Who takes others asks for patience with these alone.
            let isOfThese = delays.allSatisfy { $0.isRetry || $0.isAlone(taken: memory.taken) }
            heldBack += delays.compactMap { hold($0, reason, patience: patience, isAnswer: true, &memory, &progress) }
            return pause(reason, &memory, after: isOfThese ? nil : patience)
        case .away(let reason):
            heldBack += sent.compactMap { hold(delayed($0, isAnswer: false, memory), reason, patience: nil, isAnswer: false, &memory, &progress) }
            return pause(reason, &memory, after: nil)
        case .gone:
            heldBack += sent
            return .gone
        }
    }

    private func pause(_ reason: String, _ memory: inout Memory, after patience: Duration?) -> Pause {
        memory.refusals += 1
        memory.lastError = reason
        return .wait(max(endpoint.pause(after: memory.refusals, runtime.random), patience ?? .zero))
    }

    private func delayed(_ delivery: Delivery, isAnswer: Bool, _ memory: Memory) -> Delivery {
        var delivery = delivery
        var delays = delivery.delays ?? Delivery.Delays(since: runtime.now(), takenBefore: memory.taken)
        delays.count += 1
        if isAnswer { delays.answers += 1 }
        delivery.delays = delays
        return delivery
    }

    /// - Returns: the delivery, to be tried again after the pause; `nil` once it is set aside.
    private func hold(
        _ delivery: Delivery, _ reason: String, patience: Duration?, isAnswer: Bool, _ memory: inout Memory, _ progress: inout WebhookProgress
    ) -> Delivery? {
        let isOver = endpoint.isOver(delivery, at: runtime.now()) && !delivery.isAlone(taken: memory.taken, after: 1)
        // A retry holds up nothing where it is, and has its schedule.
        let isAside =
            isOver || delivery.isRetry && isAnswer || delivery.isAlone(taken: memory.taken, after: Limits.webhookDelaysMax)
            || delivery.isAlone(taken: memory.taken) && patience != nil
        guard isAside else {
            metrics.count(.failed, 1)
            return delivery
        }
        let attempts = isOver ? delivery.delays?.answers ?? 1 : delivery.attempts + 1
        fail(delivery, attempts: attempts, reason, patience: patience, &memory, &progress)
        return nil
    }

    private func fail(
        _ delivery: Delivery, attempts: Int, _ reason: String, patience: Duration? = nil, _ memory: inout Memory, _ progress: inout WebhookProgress
    ) {
        let wait = endpoint.wait(after: attempts, runtime.random).map { max($0, patience ?? .zero) }
        metrics.count(wait == nil ? .givenUp : .failed, 1)
        progress.failed.append(WebhookFailure(position: delivery.event.position, attempts: attempts, wait: wait, error: reason))
        if !delivery.isRetry { memory.done.insert(delivery.event.position) }
    }
}
