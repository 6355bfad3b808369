# type: ignore
import pulumi
import pulumi_azuread as azuread

config = pulumi.Config()
me = azuread.get_client_config()
group = azuread.Group(
    "staff", display_name="Staff", security_enabled=True, owners=[me.object_id], mail_nickname=config.get("nick") or "staff"
)
azuread.GroupMember("member", group_object_id=group.object_id, member_object_id=me.object_id)
pulumi.export("group", group.object_id)
