import PostgresLedger
import RedisStock
import SaleCore
import SaleService

extension Stores {
    /// Asks both at once.
    func standings() async -> StoreStandings {
        async let redis = redisStanding()
        async let postgres = postgresStanding()
        return StoreStandings(
            redisAddress: "\(redisURL)", postgresAddress: "\(databaseAddress)", redis: await redis, postgres: await postgres)
    }

    private func redisStanding() async -> Result<StoreStandings.Redis, StoreError> {
        do throws(StoreError) {
            let identity = try await redis.identity()
            let asked = monotonicNow()
            _ = try await redis.now()
            return .success(StoreStandings.Redis(identity: identity, latencyNanoseconds: asked.duration(to: monotonicNow())))
        } catch {
            return .failure(error)
        }
    }

    private func postgresStanding() async -> Result<StoreStandings.Postgres, JournalError> {
        do throws(JournalError) {
            return .success(try await sessions.standing())
        } catch {
            return .failure(error)
        }
    }
}
