package import Logging
import NIOPosix
import PostgresLedger
import RedisStock
import SaleService

extension Diagnosis {
    /// Looks at everything; at the stores alone where one of them is away, or is not as it must be.
    ///
    /// - Throws: `StartError.setting` when a setting does not say where to look.
    package static func make(_ settings: Settings, logger: Logger) async throws(StartError) -> Diagnosis {
        let session: OperatorSession
        do {
            session = try await OperatorSession.open(settings: settings, logger: logger)
        } catch {
            if case .setting = error { throw error }
            return await ofStores(settings, after: error, logger: logger)
        }
        let diagnosis = await session.diagnosis()
        await session.close()
        return diagnosis
    }

    private static func ofStores(_ settings: Settings, after error: StartError, logger: Logger) async -> Diagnosis {
        var findings = [await postgres(settings), await redis(settings, logger: logger)]
        // Both answer, and cannot be used.
        if findings.allSatisfy({ $0.verdict == .ok }) { findings.append(Finding("stores", .wrong, error.description)) }
        findings.append(Finding("schema, settings, clocks, books", .unknown, "not looked at: that takes both stores"))
        return Diagnosis(findings)
    }

    private static func postgres(_ settings: Settings) async -> Finding {
        let address: PostgresAddress
        do { address = try PostgresAddress(settings.databaseURL) } catch { return Finding("postgres", .wrong, "SECKILL_DATABASE_URL is \(error)") }
        if let error = await PostgresOrders(sessions: PostgresSessions(address: address)).ping() {
            return Finding("postgres", .wrong, "does not answer, or not as it must, at \(address): \(error.reason)")
        }
        return Finding("postgres", .ok, "answers, at \(address)")
    }

    private static func redis(_ settings: Settings, logger: Logger) async -> Finding {
        let url: RedisURL
        do { url = try RedisURL(settings.redisURL) } catch { return Finding("redis", .wrong, "SECKILL_REDIS_URL is \(error)") }
        let redis = RedisStockStore(url: url, eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
        let finding: Finding
        do {
            try await redis.connect()
            finding = Finding("redis", .ok, "answers, at \(url)")
        } catch {
            finding = Finding("redis", .wrong, "\(error.isAccessDenied ? "refuses us" : "does not answer"), at \(url): \(error.reason)")
        }
        await redis.close()
        return finding
    }
}
