import NIOCore
package import SaleCore
package import SaleService

/// What a node's look asks.
extension RedisStockStore {
    package func changes(since position: ChangePosition?) async throws(StoreError) -> StockChanges {
        do throws(StoreError) {
            let from = position.map { String($0.count) } ?? "-inf"
            let reply = try await call(["ZRANGEBYSCORE", SaleKeys.changes, from, "+inf", "WITHSCORES"])
            guard let pairs = reply.elements, let changes = ChangeRecord.changes(from: pairs, since: position) else {
                throw unreadable("ZRANGEBYSCORE")
            }
            return changes
        } catch .refused(let reason) where reason.hasPrefix("WRONGTYPE") {
            // Nothing of ours. It would keep every purchase from being granted, and holds nothing
            // that cannot be told anew.
            _ = try await call(["UNLINK", SaleKeys.changes])
            return StockChanges(position: nil, isComplete: false, items: [:])
        }
    }

    package func forgetChanges(of sale: SaleID, _ skus: [SKU]) async throws(StoreError) {
        let key = SaleKeys(sale).sale
        let members = [key] + skus.map { "\(key) \($0)" }
        for start in stride(from: 0, to: members.count, by: Self.membersPerCommandMax) {
            _ = try await call(["ZREM", SaleKeys.changes] + members[start..<min(start + Self.membersPerCommandMax, members.count)])
        }
    }

    private static let membersPerCommandMax = 1_000

    package func read(_ sale: SaleID) async throws(StoreError) -> StockReading? {
        try await read([StockQuestion(sale: sale)])[0].get()
    }

    package func read(_ questions: [StockQuestion]) async -> [Result<StockReading?, StoreError>] {
        var readings: [Result<StockReading?, StoreError>] = []
        readings.reserveCapacity(questions.count)
        for start in stride(from: 0, to: questions.count, by: Self.questionsAtOnceMax) {
            let part = Array(questions[start..<min(start + Self.questionsAtOnceMax, questions.count)])
            readings += await ask(part).map { reply in reply.flatMap(self.reading) }
        }
        return readings
    }

    /// Leaves room in the pipeline for what others call meanwhile.
    private static let questionsAtOnceMax = Limits.callsInFlightMax / 4

    private func ask(_ questions: [StockQuestion]) async -> [Result<RedisValue, StoreError>] {
        var replies = await ask(questions, as: .byName)
        let missed = replies.indices.filter { replies[$0] == .failure(.scriptMissing) }
        guard !missed.isEmpty else { return replies }
        let again = await ask(missed.map { questions[$0] }, as: .asText)
        for (index, reply) in zip(missed, again) { replies[index] = reply }
        return replies
    }

    private enum Form {
        case byName
        case asText
    }

    /// All questions go out at once.
    private func ask(_ questions: [StockQuestion], as form: Form) async -> [Result<RedisValue, StoreError>] {
        await withCheckedContinuation { continuation in
            eventLoop.execute { [connection] in
                let replies = Replies(count: questions.count) { continuation.resume(returning: $0) }
                for (index, question) in questions.enumerated() {
                    connection.value.send {
                        Self.write(question, as: form, into: &$0)
                    } completion: {
                        replies.arrived($0, at: index)
                    }
                }
            }
        }
    }

    /// Gathers the replies of one pipeline. Confined to the event loop.
    private final class Replies {
        private var replies: [Result<RedisValue, StoreError>]
        private var outstanding: Int
        private let completion: ([Result<RedisValue, StoreError>]) -> Void

        init(count: Int, completion: @escaping ([Result<RedisValue, StoreError>]) -> Void) {
            replies = Array(repeating: .success(.null), count: count)
            outstanding = count
            self.completion = completion
            if count == 0 { completion([]) }
        }

        func arrived(_ reply: Result<RedisValue, StoreError>, at index: Int) {
            replies[index] = reply
            outstanding -= 1
            if outstanding == 0 { completion(replies) }
        }
    }

    private static func write(_ question: StockQuestion, as form: Form, into buffer: inout ByteBuffer) {
        let keys = SaleKeys(question.sale)
        let skus = question.skus.flatMap { $0.count <= skusPerQuestionMax ? $0 : nil } ?? []
        buffer.writeCommandHeader(wordCount: 6 + skus.count)
        switch form {
        case .byName:
            buffer.writeWord("EVALSHA")
            buffer.writeWord(StockScript.read.digest)
        case .asText:
            buffer.writeWord("EVAL")
            buffer.writeWord(StockScript.read.text)
        }
        buffer.writeWord(3)
        for key in [keys.sale, keys.stock, keys.log] { buffer.writeWord(key) }
        for sku in skus { buffer.writeWord(sku.rawValue) }
    }

    /// What read.lua takes; of more SKUs all are read.
    private static let skusPerQuestionMax = 1_000

    private func reading(_ reply: RedisValue) -> Result<StockReading?, StoreError> {
        if reply == .null { return .success(nil) }
        guard
            let fields = reply.elements, fields.count == 5, let epoch = fields[0].number, let status = fields[1].text,
            let version = fields[2].number, let logCount = fields[3].number, let stock = fields[4].elements,
            let items = StockFields.items(from: stock)
        else { return .failure(unreadable("read.lua")) }
        return .success(
            StockReading(epoch: Epoch(epoch), isProven: status != "rebuilding", saleVersion: version, items: items, logCount: logCount))
    }
}
